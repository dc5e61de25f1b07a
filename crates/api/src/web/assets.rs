//! The pages' style, scripts and icon, compiled in, in one folder named by a hash of their content:
//! browsers cache them for good, and scripts import each other by relative names.

use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::LazyLock,
};

/// A compiled-in file.
pub(crate) struct Asset {
    pub(crate) name: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) content: &'static str,
}

const STYLE: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! asset {
    ($name:literal, $content_type:expr, $path:literal) => {
        Asset {
            name: $name,
            content_type: $content_type,
            content: include_str!(concat!("../../../../frontend/", $path)),
        }
    };
}

/// Every file that the pages load.
pub(crate) static ALL: [Asset; 14] = [
    asset!("styles.css", STYLE, "dist/public/styles.css"),
    asset!("icon.svg", "image/svg+xml", "icon.svg"),
    asset!("form.js", SCRIPT, "scripts/public/form.js"),
    asset!("rules.js", SCRIPT, "scripts/public/rules.js"),
    asset!("draft.js", SCRIPT, "scripts/public/draft.js"),
    asset!("submission.js", SCRIPT, "scripts/public/submission.js"),
    asset!("trace.js", SCRIPT, "scripts/public/trace.js"),
    asset!("times.js", SCRIPT, "scripts/public/times.js"),
    asset!("desk.css", STYLE, "dist/desk/styles.css"),
    asset!("desk.js", SCRIPT, "scripts/desk/desk.js"),
    asset!("list.js", SCRIPT, "scripts/desk/list.js"),
    asset!("exchange.js", SCRIPT, "scripts/desk/exchange.js"),
    asset!("review.js", SCRIPT, "scripts/desk/review.js"),
    asset!("operation.js", SCRIPT, "scripts/desk/operation.js"),
];

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hasher = DefaultHasher::new();
    for asset in &ALL {
        asset.content.hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
});

/// A hash of all files.
pub(crate) fn version() -> &'static str {
    &VERSION
}
