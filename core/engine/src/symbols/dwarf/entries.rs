//! The entries of a unit, one after the other (DWARF 5, section 2).

use gimli::{DwForm, Endianity, constants as dw};

use super::abbrevs::{Abbrev, Abbrevs, Spec, Step};
use super::forms::{Value, Widths};

/// `DW_FORM_indirect` names another form, which may not be indirect again.
const MAX_INDIRECT: u32 = 1;

/// A place among the entries of a unit. Every read answers None at damaged bytes.
pub(super) struct Entries<'u, 't, E> {
    /// The unit with its header: what offsets count from.
    bytes: &'u [u8],
    at: usize,
    abbrevs: &'t Abbrevs,
    widths: Widths,
    endian: E,
}

impl<'u, 't, E: Endianity> Entries<'u, 't, E> {
    /// Starts at `offset`, in bytes from the start of the unit.
    pub(super) fn new(
        bytes: &'u [u8],
        offset: usize,
        abbrevs: &'t Abbrevs,
        widths: Widths,
        endian: E,
    ) -> Self {
        Self { bytes, at: offset.min(bytes.len()), abbrevs, widths, endian }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// Offset of what is read next, from the start of the unit.
    pub(super) fn offset(&self) -> usize {
        self.at
    }

    /// Begins the next entry; the inner None ends a list of children.
    #[inline]
    pub(super) fn next(&mut self) -> Option<Option<&'t Abbrev>> {
        match self.leb()? {
            0 => Some(None),
            code => self.abbrevs.get(code).map(Some),
        }
    }

    /// The attributes of an entry that was just begun.
    pub(super) fn specs(&self, abbrev: &Abbrev) -> &'t [Spec] {
        self.abbrevs.specs(abbrev)
    }

    /// Goes past all attributes.
    #[inline]
    pub(super) fn skip(&mut self, abbrev: &Abbrev) -> Option<()> {
        self.walk(self.abbrevs.steps(abbrev))
    }

    /// Goes past the entry and its children if it says where they end; else past its attributes. Answers which.
    #[inline]
    pub(super) fn skip_children(&mut self, abbrev: &Abbrev) -> Option<bool> {
        match self.sibling(abbrev) {
            Some(end) => self.at = end,
            None => return self.skip(abbrev).map(|()| false),
        }
        Some(true)
    }

    /// Where the children of the entry that was just begun end, if it says so.
    #[inline]
    pub(super) fn sibling(&mut self, abbrev: &Abbrev) -> Option<usize> {
        let (step, form) = abbrev.sibling?;
        let start = self.at;
        let value = self.walk(self.abbrevs.steps_before(abbrev, step)).and_then(|()| self.read(form));
        let behind = std::mem::replace(&mut self.at, start);
        match value {
            Some(Value::Entry(target)) => usize::try_from(target).ok().filter(|target| *target > behind),
            _ => None,
        }
    }

    /// Goes on at an offset further on.
    pub(super) fn go_to(&mut self, offset: usize) {
        self.at = offset.max(self.at);
    }

    #[inline]
    fn walk(&mut self, steps: &[Step]) -> Option<()> {
        for step in steps {
            match *step {
                Step::Bytes(count) => self.at += count as usize,
                Step::Form(form) => self.pass(form)?,
            }
        }
        (self.at <= self.bytes.len()).then_some(())
    }

    fn pass(&mut self, form: DwForm) -> Option<()> {
        match form {
            dw::DW_FORM_exprloc | dw::DW_FORM_block => {
                let len = self.leb()?;
                self.advance(len)
            }
            dw::DW_FORM_udata | dw::DW_FORM_sdata | dw::DW_FORM_loclistx | dw::DW_FORM_rnglistx => {
                self.leb().map(drop)
            }
            _ => self.read(form).map(drop),
        }
    }

    /// The value of an attribute.
    #[inline]
    pub(super) fn value(&mut self, spec: &Spec) -> Option<Value<'u>> {
        if spec.form == dw::DW_FORM_implicit_const {
            return Some(Value::Signed(spec.constant));
        }
        self.read(spec.form)
    }

    fn read(&mut self, form: DwForm) -> Option<Value<'u>> {
        self.read_within(form, MAX_INDIRECT)
    }

    fn read_within(&mut self, form: DwForm, indirect: u32) -> Option<Value<'u>> {
        let value = match form {
            dw::DW_FORM_addr => Value::Address(self.unsigned(self.widths.address)?),
            dw::DW_FORM_data1 => Value::Number(self.unsigned(1)?),
            dw::DW_FORM_data2 => Value::Number(self.unsigned(2)?),
            dw::DW_FORM_data4 => Value::Number(self.unsigned(4)?),
            dw::DW_FORM_data8 => Value::Number(self.unsigned(8)?),
            dw::DW_FORM_udata => Value::Number(self.leb()?),
            dw::DW_FORM_sdata => Value::Signed(self.signed_leb()?),
            dw::DW_FORM_sec_offset => Value::Offset(self.unsigned(self.widths.offset)?),
            dw::DW_FORM_string => Value::Text(self.text()?),
            dw::DW_FORM_strp => Value::TextAt(self.unsigned(self.widths.offset)?),
            dw::DW_FORM_line_strp => Value::LineTextAt(self.unsigned(self.widths.offset)?),
            dw::DW_FORM_strp_sup | dw::DW_FORM_GNU_strp_alt => {
                Value::SupplementaryTextAt(self.unsigned(self.widths.offset)?)
            }
            dw::DW_FORM_strx | dw::DW_FORM_GNU_str_index => Value::TextIndex(self.leb()?),
            dw::DW_FORM_strx1 => Value::TextIndex(self.unsigned(1)?),
            dw::DW_FORM_strx2 => Value::TextIndex(self.unsigned(2)?),
            dw::DW_FORM_strx3 => Value::TextIndex(self.unsigned(3)?),
            dw::DW_FORM_strx4 => Value::TextIndex(self.unsigned(4)?),
            dw::DW_FORM_addrx | dw::DW_FORM_GNU_addr_index => Value::AddressIndex(self.leb()?),
            dw::DW_FORM_addrx1 => Value::AddressIndex(self.unsigned(1)?),
            dw::DW_FORM_addrx2 => Value::AddressIndex(self.unsigned(2)?),
            dw::DW_FORM_addrx3 => Value::AddressIndex(self.unsigned(3)?),
            dw::DW_FORM_addrx4 => Value::AddressIndex(self.unsigned(4)?),
            dw::DW_FORM_ref1 => Value::Entry(self.unsigned(1)?),
            dw::DW_FORM_ref2 => Value::Entry(self.unsigned(2)?),
            dw::DW_FORM_ref4 => Value::Entry(self.unsigned(4)?),
            dw::DW_FORM_ref8 => Value::Entry(self.unsigned(8)?),
            dw::DW_FORM_ref_udata => Value::Entry(self.leb()?),
            dw::DW_FORM_ref_addr => Value::EntryAnywhere(self.unsigned(self.widths.reference)?),
            dw::DW_FORM_GNU_ref_alt => Value::SupplementaryEntry(self.unsigned(self.widths.offset)?),
            dw::DW_FORM_ref_sup4 => Value::SupplementaryEntry(self.unsigned(4)?),
            dw::DW_FORM_ref_sup8 => Value::SupplementaryEntry(self.unsigned(8)?),
            dw::DW_FORM_rnglistx | dw::DW_FORM_loclistx => Value::ListIndex(self.leb()?),
            dw::DW_FORM_flag => Value::Number(self.unsigned(1)?),
            dw::DW_FORM_flag_present => Value::Number(1),
            dw::DW_FORM_indirect => {
                let form = DwForm(u16::try_from(self.leb()?).ok()?);
                return self.read_within(form, indirect.checked_sub(1)?);
            }
            _ => return self.read_block(form).map(|()| Value::Other),
        };
        Some(value)
    }

    /// Goes past values that nothing here needs. Those of an unknown form cannot be passed.
    fn read_block(&mut self, form: DwForm) -> Option<()> {
        let len = match form {
            dw::DW_FORM_block1 => self.unsigned(1)?,
            dw::DW_FORM_block2 => self.unsigned(2)?,
            dw::DW_FORM_block4 => self.unsigned(4)?,
            dw::DW_FORM_block | dw::DW_FORM_exprloc => self.leb()?,
            dw::DW_FORM_ref_sig8 => 8,
            dw::DW_FORM_data16 => 16,
            _ => return None,
        };
        self.advance(len)
    }

    fn advance(&mut self, count: u64) -> Option<()> {
        let end = self.at.checked_add(usize::try_from(count).ok()?)?;
        self.at = Some(end).filter(|end| *end <= self.bytes.len())?;
        Some(())
    }

    fn text(&mut self) -> Option<&'u [u8]> {
        let rest = self.bytes.get(self.at..)?;
        let len = memchr::memchr(0, rest)?;
        self.at += len + 1;
        Some(&rest[..len])
    }

    #[inline]
    fn unsigned(&mut self, size: u8) -> Option<u64> {
        let end = self.at + size as usize;
        let bytes = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(match *bytes {
            [a] => a.into(),
            [a, b] => self.endian.read_u16(&[a, b]).into(),
            [a, b, c, d] => self.endian.read_u32(&[a, b, c, d]).into(),
            [a, b, c, d, e, f, g, h] => self.endian.read_u64(&[a, b, c, d, e, f, g, h]),
            [a, b, c] if self.endian.is_big_endian() => u64::from_be_bytes([0, 0, 0, 0, 0, a, b, c]),
            [a, b, c] => u64::from_le_bytes([a, b, c, 0, 0, 0, 0, 0]),
            _ => return None,
        })
    }

    #[inline]
    fn leb(&mut self) -> Option<u64> {
        let &first = self.bytes.get(self.at)?;
        self.at += 1;
        if first < 0x80 { Some(first.into()) } else { self.longer_leb(first).map(|(value, _)| value) }
    }

    fn signed_leb(&mut self) -> Option<i64> {
        let &first = self.bytes.get(self.at)?;
        self.at += 1;
        let (value, bits) = if first < 0x80 { (first.into(), 7) } else { self.longer_leb(first)? };
        let shift = 64_u32.saturating_sub(bits);
        Some(((value << shift) as i64) >> shift)
    }

    /// Goes on behind a first byte; returns the value and how many bits were said.
    fn longer_leb(&mut self, first: u8) -> Option<(u64, u32)> {
        let mut value = u64::from(first & 0x7f);
        for shift in (7..70).step_by(7) {
            let &byte = self.bytes.get(self.at)?;
            self.at += 1;
            value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            if byte < 0x80 {
                return Some((value, shift + 7));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use gimli::LittleEndian;

    use super::*;

    fn entries<'u>(bytes: &'u [u8], abbrevs: &'u Abbrevs) -> Entries<'u, 'u, LittleEndian> {
        let widths = Widths { address: 8, offset: 4, reference: 4 };
        Entries::new(bytes, 0, abbrevs, widths, LittleEndian)
    }

    #[test]
    fn numbers_of_every_width_come_out() {
        let abbrevs = Abbrevs::default();
        let bytes = [
            1, 2, 0, 3, 0, 0, 4, 0, 0, 0, 0xff, 0x7f, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1,
        ];
        let mut entries = entries(&bytes, &abbrevs);
        assert_eq!(entries.read(dw::DW_FORM_data1), Some(Value::Number(1)));
        assert_eq!(entries.read(dw::DW_FORM_data2), Some(Value::Number(2)));
        assert_eq!(entries.read(dw::DW_FORM_strx3), Some(Value::TextIndex(3)));
        assert_eq!(entries.read(dw::DW_FORM_data4), Some(Value::Number(4)));
        assert_eq!(entries.read(dw::DW_FORM_sdata), Some(Value::Signed(-1)));
        assert_eq!(entries.read(dw::DW_FORM_udata), Some(Value::Number(1 << 63)));
        assert!(entries.is_empty());
        assert_eq!(entries.read(dw::DW_FORM_data1), None);
    }

    #[test]
    fn damaged_values_end_the_reading() {
        let abbrevs = Abbrevs::default();
        for (bytes, form) in [
            (&[0x80; 12][..], dw::DW_FORM_udata),
            (&[0xff, 0xff, 0xff, 0xff, 0x0f][..], dw::DW_FORM_exprloc),
            (b"endless", dw::DW_FORM_string),
            (&[0x16, 0x16, 0x16][..], dw::DW_FORM_indirect),
            (&[1, 2, 3][..], dw::DW_FORM_addr),
            (&[0; 9][..], DwForm(0x7777)),
        ] {
            assert_eq!(entries(bytes, &abbrevs).read(form), None, "{form}");
        }
    }
}
