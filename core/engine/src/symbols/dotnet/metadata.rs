//! Metadata of .NET (ECMA-335 II.24): streams, heaps and tables, in an assembly and in a portable PDB alike.

use super::cursor::Cursor;
use super::schema::{Column, TABLES, columns};
use crate::symbols::text;

pub(in crate::symbols) const MAGIC: &[u8] = b"BSJB";
/// Five streams have a meaning; compilers write no more.
const MAX_STREAMS: u16 = 64;
const MAX_STREAM_NAME: usize = 32;
/// A row's number has 24 bits in a token.
const MAX_ROWS: u32 = 1 << 24;
/// Heaps beyond 64 KiB have indexes of four bytes: bits of strings, GUIDs, blobs.
const WIDE_STRINGS: u8 = 1;
const WIDE_GUIDS: u8 = 2;
const WIDE_BLOBS: u8 = 4;
/// Four bytes that nobody describes follow the row counts.
const EXTRA_DATA: u8 = 0x40;
const NARROW_ROWS: u32 = 1 << 16;

/// The metadata of one file. Heaps that it lacks are empty.
#[derive(Default)]
pub(super) struct Metadata<'d> {
    strings: &'d [u8],
    blobs: &'d [u8],
    guids: &'d [u8],
    /// Identity of a standalone portable PDB: GUID and stamp.
    pub(super) pdb_id: Option<[u8; 20]>,
    tables: Vec<Table<'d>>,
}

/// Rows of one table.
#[derive(Default, Clone)]
struct Table<'d> {
    bytes: &'d [u8],
    rows: u32,
    row_size: usize,
    /// Where each column starts, and how many bytes it has.
    columns: Vec<(usize, usize)>,
}

impl<'d> Metadata<'d> {
    /// None if the bytes are no metadata or its tables contradict its length.
    pub(super) fn parse(data: &'d [u8]) -> Option<Self> {
        let mut metadata = Self::default();
        let (mut tables, mut pdb) = (None, None);
        for (name, content) in streams(data)? {
            match name {
                b"#Strings" => metadata.strings = content,
                b"#Blob" => metadata.blobs = content,
                b"#GUID" => metadata.guids = content,
                b"#~" | b"#-" => tables = Some(content),
                b"#Pdb" => pdb = Some(content),
                _ => {}
            }
        }
        let mut external = [0; TABLES];
        if let Some(pdb) = pdb {
            (metadata.pdb_id, external) = pdb_stream(pdb)?;
        }
        metadata.tables = read_tables(tables?, &external)?;
        Some(metadata)
    }

    /// Number of rows in a table.
    pub(super) fn rows(&self, table: usize) -> u32 {
        self.tables.get(table).map_or(0, |table| table.rows)
    }

    /// A cell. `row` counts from 1; None outside of the table.
    pub(super) fn cell(&self, table: usize, row: u32, column: usize) -> Option<u32> {
        let table = self.tables.get(table)?;
        let row = row.checked_sub(1).filter(|row| *row < table.rows)? as usize;
        let &(at, size) = table.columns.get(column)?;
        let start = row * table.row_size + at;
        let mut cell = Cursor(table.bytes.get(start..start + size)?);
        if size == 2 { cell.u16().map(u32::from) } else { cell.u32() }
    }

    /// A string of the heap, without its NUL.
    pub(super) fn string(&self, index: u32) -> &'d [u8] {
        text::cut_at_nul(self.strings, index as usize).unwrap_or(&[])
    }

    /// A blob of the heap; empty where there is none.
    pub(super) fn blob(&self, index: u32) -> &'d [u8] {
        let mut cursor = Cursor(self.blobs.get(index as usize..).unwrap_or(&[]));
        let len = cursor.unsigned().unwrap_or(0);
        cursor.take(len as usize).unwrap_or(&[])
    }

    /// A GUID as it lies in the file. `index` counts from 1; None for 0.
    pub(super) fn guid(&self, index: u32) -> Option<[u8; 16]> {
        let start = (index.checked_sub(1)? as usize).checked_mul(16)?;
        self.guids.get(start..)?.first_chunk().copied()
    }
}

/// Name and content of every stream.
fn streams(data: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let mut cursor = Cursor(data.strip_prefix(MAGIC)?);
    cursor.take(8)?;
    let version = cursor.u32()?;
    cursor.take(usize::try_from(version).ok()?)?;
    cursor.u16()?;
    let mut found = Vec::new();
    for _ in 0..cursor.u16()?.min(MAX_STREAMS) {
        let (start, size) = (cursor.u32()? as usize, cursor.u32()? as usize);
        let name = text::cut_at_nul(&cursor.0[..cursor.0.len().min(MAX_STREAM_NAME)], 0)?;
        cursor.take((name.len() + 4) & !3)?;
        found.push((name, data.get(start..start.checked_add(size)?)?));
    }
    Some(found)
}

type PdbStream = (Option<[u8; 20]>, [u32; TABLES]);

/// Id, and how many rows the tables have that stayed in the assembly.
fn pdb_stream(stream: &[u8]) -> Option<PdbStream> {
    let mut cursor = Cursor(stream);
    let id = cursor.take(20)?.first_chunk().copied();
    cursor.u32()?;
    let referenced = cursor.u64()?;
    let mut rows = [0; TABLES];
    for (table, rows) in rows.iter_mut().enumerate() {
        if referenced >> table & 1 == 1 {
            *rows = cursor.u32()?;
        }
    }
    Some((id, rows))
}

fn read_tables<'d>(stream: &'d [u8], external: &[u32; TABLES]) -> Option<Vec<Table<'d>>> {
    let mut cursor = Cursor(stream);
    cursor.take(6)?;
    let heaps = cursor.u8()?;
    cursor.u8()?;
    let valid = cursor.u64()?;
    cursor.u64()?;
    let mut counts = *external;
    for table in (0..64).filter(|table| valid >> table & 1 == 1) {
        let rows = cursor.u32().filter(|rows| *rows <= MAX_ROWS)?;
        *counts.get_mut(table)? = rows;
    }
    if heaps & EXTRA_DATA != 0 {
        cursor.u32()?;
    }
    let mut tables = vec![Table::default(); TABLES];
    for (number, table) in tables.iter_mut().enumerate().filter(|(number, _)| valid >> number & 1 == 1) {
        *table = laid_out(columns(number)?, heaps, &counts);
        table.rows = counts[number];
        table.bytes = cursor.take(table.row_size.checked_mul(table.rows as usize)?)?;
    }
    Some(tables)
}

fn laid_out<'d>(columns: &[Column], heaps: u8, counts: &[u32; TABLES]) -> Table<'d> {
    let mut table = Table::default();
    for column in columns {
        let size = width(column, heaps, counts);
        table.columns.push((table.row_size, size));
        table.row_size += size;
    }
    table
}

/// Bytes of a column: two as long as everything that it can point at is reached by them.
fn width(column: &Column, heaps: u8, counts: &[u32; TABLES]) -> usize {
    let is_wide = match column {
        Column::U16 => false,
        Column::U32 => true,
        Column::String => heaps & WIDE_STRINGS != 0,
        Column::Guid => heaps & WIDE_GUIDS != 0,
        Column::Blob => heaps & WIDE_BLOBS != 0,
        Column::Index(table) => counts[*table] >= NARROW_ROWS,
        Column::Coded(index) => {
            index.tables.iter().any(|table| counts[*table] >= NARROW_ROWS >> index.tag_bits)
        }
    };
    if is_wide { 4 } else { 2 }
}
