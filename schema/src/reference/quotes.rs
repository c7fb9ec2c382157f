//! Checks the quotation marks of a reference file before it is read. A lenient reader would accept
//! a file truncated inside a cell, or read all lines after an unclosed quotation mark as one cell.

/// Returns the line, from 1, and the beginning of the first cell with unpaired quotation marks.
/// Comments are skipped.
pub fn unpaired(text: &str) -> Option<(u64, String)> {
    let (mut line, mut characters) = (1, text.char_indices().peekable());
    let said = |from: usize| {
        text[from..].chars().take(40).take_while(|character| *character != '\n').collect()
    };
    while let Some((start, first)) = characters.next() {
        match first {
            '\n' => line += 1,
            '#' if start == 0 || text[..start].ends_with('\n') => {
                while characters.next_if(|(_, character)| *character != '\n').is_some() {}
            }
            ',' | ' ' | '\t' | '\r' | '\u{feff}' => {}
            '"' => {
                let opened = line;
                loop {
                    match characters.next() {
                        None => return Some((opened, said(start))),
                        Some((_, '\n')) => line += 1,
                        // Two quotation marks are one within the cell.
                        Some((_, '"'))
                            if characters.next_if(|(_, character)| *character == '"').is_none() =>
                        {
                            break;
                        }
                        Some(_) => {}
                    }
                }
                while characters
                    .next_if(|(_, character)| matches!(character, ' ' | '\t' | '\r'))
                    .is_some()
                {}
                if characters.peek().is_some_and(|(_, character)| !matches!(character, ',' | '\n'))
                {
                    return Some((opened, said(start)));
                }
            }
            _ => {
                while let Some((_, character)) =
                    characters.next_if(|(_, character)| !matches!(character, ',' | '\n'))
                {
                    if character == '"' {
                        return Some((line, said(start)));
                    }
                }
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_that_pair_are_none_of_our_business() {
        for text in [
            "",
            "code,name\nA,plain\n",
            "\u{feff}\"code\",name\r\nA,\"with, comma\"\r\n",
            "code,name\n# \"a comment\nA, \"said \"\"so\"\"\"  \n",
            "code,name\nA,\"two\nlines\"",
            "code,name\nA,\"\"\n",
        ] {
            assert_eq!(unpaired(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_cell_whose_quotes_do_not_pair_is_named_by_its_line() {
        for (text, line, cell) in [
            ("code,name\nA,\"cut", 2, "\"cut"),
            ("code,name\nA,b\nB,State em\"", 3, "State em\""),
            ("code,name\n\"A\"b,c\n", 2, "\"A\"b,c"),
            ("code,name\nA,\"two\nlines\"\nB,\"open\nC,d\n", 4, "\"open"),
        ] {
            assert_eq!(unpaired(text), Some((line, cell.into())), "{text:?}");
        }
    }
}
