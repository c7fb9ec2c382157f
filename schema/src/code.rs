//! Lists of codes: of errors and of what loads report. Each code has one entry with its meaning and
//! its remedy, and `docs/errors.md` is generated from the entries.

/// Returns the place in the documentation that explains a code.
///
/// ```
/// assert_eq!(hotwash_schema::code::help("BAD_USER_INPUT"), "docs/errors.md#bad_user_input");
/// ```
pub fn help(code: &str) -> String {
    format!("docs/errors.md#{}", code.to_ascii_lowercase())
}

/// Defines an enum of codes together with the entry of each code.
#[macro_export]
macro_rules! codes {
    ($(#[$about:meta])* $visibility:vis enum $name:ident of $definition:ident {
        $($variant:ident {
            code: $code:literal,
            meaning: $meaning:literal,
            $($field:ident: $value:expr),+ $(,)?
        })+
    }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $visibility enum $name {
            $(#[doc = $meaning] $variant),+
        }

        impl $name {
            /// All codes, in the order of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Returns the code's entry.
            pub const fn definition(self) -> &'static $definition {
                match self {
                    $(Self::$variant => const {
                        &$definition { code: $code, meaning: $meaning, $($field: $value),+ }
                    }),+
                }
            }

            /// Returns the code as text.
            pub const fn as_str(self) -> &'static str {
                self.definition().code
            }

            /// Returns the place in the documentation that explains the code.
            pub fn help(self) -> String {
                $crate::code::help(self.as_str())
            }
        }
    };
}
