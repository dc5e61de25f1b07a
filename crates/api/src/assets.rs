//! The page's style, script and icon, compiled in and named by their content.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::LazyLock,
};

/// A file that the page needs.
pub(crate) struct Asset {
    /// Its path, which changes with its content, so that browsers may keep it for ever.
    pub(crate) path: String,
    pub(crate) content_type: &'static str,
    pub(crate) content: &'static str,
}

/// Every file that the pages need.
pub(crate) struct Assets {
    pub(crate) stylesheet: Asset,
    pub(crate) script: Asset,
    pub(crate) icon: Asset,
}

/// The paths of the files, as the templates know them.
#[derive(Clone, Copy)]
pub(crate) struct AssetPaths {
    pub(crate) stylesheet: &'static str,
    pub(crate) script: &'static str,
    pub(crate) icon: &'static str,
}

static ASSETS: LazyLock<Assets> = LazyLock::new(|| Assets {
    stylesheet: asset(
        ("styles", "css"),
        "text/css; charset=utf-8",
        include_str!("../../../frontend/dist/styles.css"),
    ),
    script: asset(
        ("form", "js"),
        "text/javascript; charset=utf-8",
        include_str!("../../../frontend/form.js"),
    ),
    icon: asset(("icon", "svg"), "image/svg+xml", include_str!("../../../frontend/icon.svg")),
});

fn asset((name, ending): (&str, &str), content_type: &'static str, content: &'static str) -> Asset {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    let path = format!("/assets/{name}.{:016x}.{ending}", hasher.finish());
    Asset { path, content_type, content }
}

/// Every file that the pages need.
pub(crate) fn all() -> [&'static Asset; 3] {
    [&ASSETS.stylesheet, &ASSETS.script, &ASSETS.icon]
}

/// The paths of the files.
pub(crate) fn paths() -> AssetPaths {
    AssetPaths {
        stylesheet: &ASSETS.stylesheet.path,
        script: &ASSETS.script.path,
        icon: &ASSETS.icon.path,
    }
}
