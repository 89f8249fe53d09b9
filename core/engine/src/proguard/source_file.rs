//! The source file of a class whose mapping does not say it: named after its outermost class.

/// Name of the file that a class is written in, as R8's retrace makes it up.
///
/// ```text
/// com.shop.Cart$Item    Cart.java, or Cart.kt where `is_kotlin`
/// com.shop.CartKt       Cart.kt where `is_kotlin` or nothing says otherwise
/// ```
pub(super) fn made_up(class: &str, is_kotlin: bool) -> String {
    let simple = class.rsplit('.').next().unwrap_or(class);
    let outer = match simple.find('$') {
        Some(end) if end > 0 => &simple[..end],
        _ => simple,
    };
    match outer.strip_suffix("Kt") {
        Some(file) if !file.is_empty() => format!("{file}.kt"),
        _ if is_kotlin => format!("{outer}.kt"),
        _ => format!("{outer}.java"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_called_like_the_outermost_class() {
        assert_eq!(made_up("com.shop.Cart$Item$1", false), "Cart.java");
        assert_eq!(made_up("Cart", true), "Cart.kt");
        assert_eq!(made_up("com.shop.CartKt", false), "Cart.kt");
        assert_eq!(made_up("$Proxy0", false), "$Proxy0.java");
        assert_eq!(made_up("Kt", false), "Kt.java");
    }
}
