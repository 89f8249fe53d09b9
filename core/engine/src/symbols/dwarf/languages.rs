//! Languages by the numbers that the index has for them.

use gimli::constants as dw;

/// The number of a `DW_AT_language`.
pub(super) fn language_code(language: u64) -> u8 {
    match u16::try_from(language).map(gimli::DwLang) {
        Ok(dw::DW_LANG_C | dw::DW_LANG_C89 | dw::DW_LANG_C99 | dw::DW_LANG_C11 | dw::DW_LANG_C17) => 1,
        Ok(
            dw::DW_LANG_C_plus_plus
            | dw::DW_LANG_C_plus_plus_03
            | dw::DW_LANG_C_plus_plus_11
            | dw::DW_LANG_C_plus_plus_14
            | dw::DW_LANG_C_plus_plus_17
            | dw::DW_LANG_C_plus_plus_20,
        ) => 2,
        Ok(dw::DW_LANG_Rust) => 3,
        Ok(dw::DW_LANG_Swift) => 5,
        Ok(dw::DW_LANG_ObjC) => 6,
        Ok(dw::DW_LANG_ObjC_plus_plus) => 7,
        Ok(dw::DW_LANG_D) => 8,
        Ok(dw::DW_LANG_Go) => 9,
        // C#, which gimli has no name for.
        Ok(gimli::DwLang(0x32)) => 10,
        Ok(dw::DW_LANG_Kotlin) => 11,
        _ => 4,
    }
}
