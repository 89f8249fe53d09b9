//! A writer of small ELF files with DWARF 4, which writes nonsense just as readily.

/// Byte order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

/// Bytes in one order.
#[derive(Clone)]
pub(super) struct Bytes {
    order: Order,
    data: Vec<u8>,
}

impl Bytes {
    pub(super) fn new(order: Order) -> Self {
        Self { order, data: Vec::new() }
    }

    pub(super) fn address(&mut self, value: u64) {
        self.data.extend(match self.order {
            Order::Little => value.to_le_bytes(),
            Order::Big => value.to_be_bytes(),
        });
    }

    fn word(&mut self, value: u32) {
        self.data.extend(match self.order {
            Order::Little => value.to_le_bytes(),
            Order::Big => value.to_be_bytes(),
        });
    }

    fn half(&mut self, value: u16) {
        self.data.extend(match self.order {
            Order::Little => value.to_le_bytes(),
            Order::Big => value.to_be_bytes(),
        });
    }

    /// Unsigned LEB128 numbers below 16384.
    pub(super) fn numbers(&mut self, values: &[u16]) {
        for &value in values {
            if value >= 0x80 {
                self.data.push(value as u8 | 0x80);
                self.data.push((value >> 7) as u8);
            } else {
                self.data.push(value as u8);
            }
        }
    }

    fn string(&mut self, text: &str) {
        self.data.extend(text.as_bytes());
        self.data.push(0);
    }

    pub(super) fn prepend(&mut self, mut other: Self) {
        other.data.extend(&[0, 0]);
        other.data.append(&mut self.data);
        self.data = other.data;
    }
}

/// A line sequence: `set_address`, rows as (address step, line), then `end_sequence` after `end` more bytes.
pub(super) fn sequence(order: Order, start: u64, rows: &[(u8, u16)], end: u16) -> Vec<u8> {
    let mut program = Bytes::new(order);
    program.numbers(&[0, 9, 2]);
    program.address(start);
    let mut line = 1;
    for &(step, row) in rows {
        program.numbers(&[2, u16::from(step), 3]);
        signed(&mut program, i32::from(row) - line);
        program.numbers(&[1]);
        line = row.into();
    }
    program.numbers(&[9]);
    program.half(end);
    program.numbers(&[0, 1, 1]);
    program.data
}

/// Signed LEB128 of two bytes.
fn signed(out: &mut Bytes, value: i32) {
    out.data.push((value & 0x7f) as u8 | 0x80);
    out.data.push(((value >> 7) & 0x7f) as u8);
}

/// An ELF file with one code section.
pub(super) struct Image {
    order: Order,
    base: u64,
    size: u64,
    /// Address of the one loadable segment.
    pub(super) load: u64,
    /// The line program without its header, used by every unit.
    pub(super) lines: Vec<u8>,
    pub(super) ranges: Bytes,
    pub(super) abbreviations: Bytes,
    /// The entries of the unit that is being written.
    pub(super) entries: Bytes,
    units: Bytes,
    symbols: Vec<(String, u64, u64)>,
}

/// Abbreviations: unit, function, inlined call with and without children, with ranges, abstract function, reference.
const ABBREVIATIONS: &[&[u16]] = &[
    &[1, 0x11, 1, 0x10, 0x17, 0x13, 0x0b, 0x11, 0x01, 0, 0],
    &[2, 0x2e, 1, 0x03, 0x08, 0x11, 0x01, 0x12, 0x07, 0, 0],
    &[3, 0x1d, 0, 0x31, 0x13, 0x11, 0x01, 0x12, 0x07, 0x58, 0x0b, 0x59, 0x0b, 0, 0],
    &[4, 0x1d, 1, 0x31, 0x13, 0x11, 0x01, 0x12, 0x07, 0x58, 0x0b, 0x59, 0x0b, 0, 0],
    &[5, 0x1d, 0, 0x31, 0x13, 0x55, 0x17, 0, 0],
    &[6, 0x2e, 0, 0x03, 0x08, 0x20, 0x0b, 0, 0],
    &[7, 0x2e, 0, 0x31, 0x13, 0, 0],
];
const UNIT_HEADER_LEN: usize = 11;

impl Image {
    /// Bytes that [`Image::reference`] writes.
    pub(super) const REFERENCE_LEN: u32 = 5;

    pub(super) fn new(order: Order, base: u64, size: u64) -> Self {
        let mut image = Self {
            order,
            base,
            size,
            load: base,
            lines: Vec::new(),
            ranges: Bytes::new(order),
            abbreviations: Bytes::new(order),
            entries: Bytes::new(order),
            units: Bytes::new(order),
            symbols: Vec::new(),
        };
        ABBREVIATIONS.iter().for_each(|abbreviation| image.abbreviations.numbers(abbreviation));
        image.abbreviations.numbers(&[0]);
        image.root();
        image
    }

    fn root(&mut self) {
        self.entries.numbers(&[1]);
        self.entries.word(0);
        self.entries.numbers(&[1]);
        self.entries.address(0);
    }

    /// Puts bytes where the table of abbreviations ended.
    pub(super) fn abbreviations_before_end(&mut self, values: &[u16]) {
        self.abbreviations.data.pop();
        self.abbreviations.numbers(values);
    }

    /// Offset in the unit at which the next entry will be.
    pub(super) fn next_offset(&self) -> u32 {
        (UNIT_HEADER_LEN + self.entries.data.len()) as u32
    }

    pub(super) fn abstract_function(&mut self, name: &str) -> u32 {
        let offset = self.next_offset();
        self.entries.numbers(&[6]);
        self.entries.string(name);
        self.entries.numbers(&[1]);
        offset
    }

    /// A function without code that takes its name from the entry at `origin`.
    pub(super) fn reference(&mut self, origin: u32) {
        self.entries.numbers(&[7]);
        self.entries.word(origin);
    }

    /// A function; its children follow.
    pub(super) fn function(&mut self, name: &str, start: u64, size: u64) {
        self.entries.numbers(&[2]);
        self.entries.string(name);
        self.entries.address(start);
        self.entries.address(size);
    }

    pub(super) fn inlined(&mut self, origin: u32, start: u64, size: u64, line: u8) {
        self.call(3, origin, start, size, line);
    }

    pub(super) fn inlined_with_children(&mut self, origin: u32, start: u64, size: u64, line: u8) {
        self.call(4, origin, start, size, line);
    }

    fn call(&mut self, abbreviation: u16, origin: u32, start: u64, size: u64, line: u8) {
        self.entries.numbers(&[abbreviation]);
        self.entries.word(origin);
        self.entries.address(start);
        self.entries.address(size);
        self.entries.data.extend([1, line]);
    }

    pub(super) fn inlined_in_ranges(&mut self, origin: u32, ranges: u32) {
        self.entries.numbers(&[5]);
        self.entries.word(origin);
        self.entries.word(ranges);
    }

    pub(super) fn end_children(&mut self) {
        self.entries.numbers(&[0]);
    }

    /// Ends the unit and starts another one.
    pub(super) fn new_unit(&mut self) {
        let units = std::mem::replace(&mut self.units, Bytes::new(self.order));
        self.units = self.with_unit(units);
        self.entries = Bytes::new(self.order);
        self.root();
    }

    pub(super) fn symbol(&mut self, name: &str, start: u64, size: u64) {
        self.symbols.push((name.to_owned(), start, size));
    }

    fn with_unit(&self, mut units: Bytes) -> Bytes {
        units.word((UNIT_HEADER_LEN - 4 + self.entries.data.len()) as u32);
        units.half(4);
        units.word(0);
        units.data.push(8);
        units.data.extend(&self.entries.data);
        units
    }

    fn line_section(&self) -> Bytes {
        let header = [1, 1, 1, 0xfb, 14, 10, 0, 1, 1, 1, 1, 0, 0, 0, 1];
        let files = b"\0made.c\0\0\0\0\0";
        let mut section = Bytes::new(self.order);
        section.word((2 + 4 + header.len() + files.len() + self.lines.len()) as u32);
        section.half(4);
        section.word((header.len() + files.len()) as u32);
        section.data.extend(header);
        section.data.extend(files);
        section.data.extend(&self.lines);
        section
    }

    fn symbol_sections(&self) -> (Bytes, Bytes) {
        let (mut table, mut names) = (Bytes::new(self.order), Bytes::new(self.order));
        table.data.extend([0; 24]);
        names.data.push(0);
        for (name, start, size) in &self.symbols {
            table.word(names.data.len() as u32);
            table.data.extend([0x12, 0]);
            table.half(1);
            table.address(*start);
            table.address(*size);
            names.string(name);
        }
        (table, names)
    }

    /// The bytes of the file.
    pub(super) fn elf(&self) -> Vec<u8> {
        let (symbols, names) = self.symbol_sections();
        let text = Bytes { order: self.order, data: vec![0x90; self.size as usize] };
        let units = self.with_unit(self.units.clone());
        let sections: [(&str, u32, &Bytes); 7] = [
            (".text", 1, &text),
            (".debug_info", 1, &units),
            (".debug_abbrev", 1, &self.abbreviations),
            (".debug_line", 1, &self.line_section()),
            (".debug_ranges", 1, &self.ranges),
            (".symtab", 2, &symbols),
            (".strtab", 3, &names),
        ];
        let mut section_names = Bytes::new(self.order);
        section_names.data.push(0);
        let mut file = self.file_header(sections.len() as u16 + 2);
        let mut headers = Bytes::new(self.order);
        headers.data.extend([0; 64]);
        for (name, kind, content) in &sections {
            self.section_header(&mut headers, &section_names, *kind, file.data.len(), content.data.len());
            section_names.string(name);
            file.data.extend(&content.data);
        }
        self.section_header(&mut headers, &section_names, 3, file.data.len(), section_names.data.len() + 10);
        section_names.string(".shstrtab");
        file.data.extend(&section_names.data);
        let mut at = Bytes::new(self.order);
        at.address(file.data.len() as u64);
        file.data[40..48].copy_from_slice(&at.data);
        file.data.extend(&headers.data);
        file.data
    }

    /// Followed by one program header, which loads the code.
    fn file_header(&self, sections: u16) -> Bytes {
        let mut file = Bytes::new(self.order);
        let order = if self.order == Order::Little { 1 } else { 2 };
        file.data.extend([0x7f, b'E', b'L', b'F', 2, order, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        file.half(3);
        file.half(if self.order == Order::Little { 62 } else { 22 });
        file.word(1);
        [0, 64, 0].iter().for_each(|&value| file.address(value));
        file.word(0);
        [64, 56, 1, 64, sections, sections - 1].iter().for_each(|&value| file.half(value));
        file.word(1);
        file.word(5);
        [0, self.load, self.load, self.size, self.size, 1].iter().for_each(|&value| file.address(value));
        file
    }

    fn section_header(&self, headers: &mut Bytes, names: &Bytes, kind: u32, offset: usize, len: usize) {
        let is_text = headers.data.len() == 64;
        headers.word(names.data.len() as u32);
        headers.word(kind);
        headers.address(if is_text { 6 } else { 0 });
        headers.address(if is_text { self.base } else { 0 });
        headers.address(offset as u64);
        headers.address(len as u64);
        headers.word(7);
        headers.word(0);
        headers.address(1);
        headers.address(if kind == 2 { 24 } else { 0 });
    }
}
