//! Fonts of this machine, looked for once.

use std::sync::OnceLock;

use typst_kit::fonts::{FontStore, system};

/// Families with simplified Chinese, the best first: Linux, then Windows, then macOS.
pub const CHINESE_FONTS: &[&str] = &[
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti SC",
    "Noto Serif CJK SC",
];

/// The fonts that there are; each is read when it is used.
pub(crate) struct Fonts {
    pub(crate) store: FontStore,
}

impl Fonts {
    /// The first of [`CHINESE_FONTS`] that is here.
    pub(crate) fn chinese(&self) -> Option<&'static str> {
        let book = self.store.book();
        CHINESE_FONTS.iter().copied().find(|family| book.contains_family(&family.to_lowercase()))
    }
}

/// Looked for at the first document; a font installed later is found after a restart unless none was found.
pub(crate) fn of_this_machine() -> &'static Fonts {
    static FOUND: OnceLock<Fonts> = OnceLock::new();
    FOUND.get_or_init(|| {
        let mut store = FontStore::new();
        store.extend(system());
        Fonts { store }
    })
}
