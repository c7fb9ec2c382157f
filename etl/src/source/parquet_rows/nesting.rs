//! Measures the nesting of a Parquet file's columns from its footer, because the Parquet reader
//! recurses once per level. The footer is Thrift in the compact protocol. Its second field lists
//! the columns depth first, each with the number of its children.

/// Maximum nesting of columns that are read; tables have one or a few levels.
pub const MOST: usize = 64;
/// Maximum nesting of the footer's own structures; the format has six.
const MOST_STRUCTURES: usize = 16;

const TAIL: usize = 8;
const SCHEMA: i16 = 2;
const CHILDREN: i16 = 5;
const TRUE: u8 = 1;
const FALSE: u8 = 2;
const INTEGER: u8 = 5;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

/// Returns the depth of the columns; none if the footer cannot be read.
pub fn of_columns(file: &[u8]) -> Option<usize> {
    let (rest, tail) = file.split_at_checked(file.len().checked_sub(TAIL)?)?;
    let length = u32::from_le_bytes(*tail.first_chunk()?) as usize;
    let mut footer = Compact { bytes: rest.get(rest.len().checked_sub(length)?..)? };
    let mut last = 0;
    while let Some((id, kind)) = footer.field(last)? {
        if id == SCHEMA && kind == LIST {
            return footer.schema();
        }
        footer.skip(kind, 0)?;
        last = id;
    }
    None
}

/// Remaining bytes in Thrift's compact protocol.
struct Compact<'a> {
    bytes: &'a [u8],
}

impl Compact<'_> {
    /// Returns the depth of the tree whose elements are listed depth first.
    fn schema(&mut self) -> Option<usize> {
        let (count, kind) = self.list()?;
        let (mut deepest, mut open) = (0, Vec::new());
        for _ in 0..count {
            let children = if kind == STRUCT { self.element()? } else { return None };
            deepest = deepest.max(open.len());
            if let Some(left) = open.last_mut() {
                *left -= 1;
            }
            if children > 0 {
                open.push(children);
            }
            while open.last() == Some(&0) {
                open.pop();
            }
        }
        Some(deepest)
    }

    /// Reads an element of the schema; returns the number of its children.
    fn element(&mut self) -> Option<i64> {
        let (mut last, mut children) = (0, 0);
        while let Some((id, kind)) = self.field(last)? {
            if id == CHILDREN && kind == INTEGER {
                let number = self.varint()?;
                children = (number >> 1) as i64 ^ -((number & 1) as i64);
            } else {
                self.skip(kind, 0)?;
            }
            last = id;
        }
        Some(children)
    }

    /// Reads the head of a field; the inner option is none at the end of its structure.
    fn field(&mut self, last: i16) -> Option<Option<(i16, u8)>> {
        let head = self.byte()?;
        if head == 0 {
            return Some(None);
        }
        let id = match i16::from(head >> 4) {
            0 => {
                let number = self.varint()?;
                i16::try_from((number >> 1) as i64 ^ -((number & 1) as i64)).ok()?
            }
            step => last.checked_add(step)?,
        };
        Some(Some((id, head & 0x0f)))
    }

    /// Reads the head of a list; returns its length and the type of its elements.
    fn list(&mut self) -> Option<(u64, u8)> {
        let head = self.byte()?;
        let count = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
        Some((count, head & 0x0f))
    }

    /// Skips the value of a field.
    fn skip(&mut self, kind: u8, depth: usize) -> Option<()> {
        if depth > MOST_STRUCTURES {
            return None;
        }
        match kind {
            TRUE | FALSE => {}
            3 => self.take(1)?,
            4..=6 => drop(self.varint()?),
            7 => self.take(8)?,
            8 => {
                let length = self.varint()?;
                self.take(usize::try_from(length).ok()?)?;
            }
            LIST | 10 => {
                let (count, kind) = self.list()?;
                for _ in 0..count {
                    self.skip_member(kind, depth)?;
                }
            }
            11 => {
                let count = self.varint()?;
                let kinds = if count > 0 { self.byte()? } else { 0 };
                for _ in 0..count {
                    self.skip_member(kinds >> 4, depth)?;
                    self.skip_member(kinds & 0x0f, depth)?;
                }
            }
            STRUCT => {
                let mut last = 0;
                while let Some((id, kind)) = self.field(last)? {
                    self.skip(kind, depth + 1)?;
                    last = id;
                }
            }
            _ => return None,
        }
        Some(())
    }

    /// Skips a member of a list or map, where a Boolean is one byte.
    fn skip_member(&mut self, kind: u8, depth: usize) -> Option<()> {
        if matches!(kind, TRUE | FALSE) { self.take(1) } else { self.skip(kind, depth + 1) }
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    fn take(&mut self, length: usize) -> Option<()> {
        self.bytes = self.bytes.get(length..)?;
        Some(())
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
}
