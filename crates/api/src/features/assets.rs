//! `GET /assets/{version}/{file}`: the pages' style, scripts and icon.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    web::Path,
};

use crate::web::{assets, problem::Problem};

pub(crate) async fn asset(path: Path<(String, String)>) -> Result<HttpResponse, Problem> {
    let (version, file) = path.into_inner();
    let asset = assets::ALL.iter().find(|asset| asset.name == file);
    let asset = asset.ok_or_else(Problem::not_found)?;
    let mut response = HttpResponse::Ok();
    response.insert_header((CONTENT_TYPE, asset.content_type));
    // A page of another version, during an update, gets the current file, uncached.
    if version == assets::version() {
        response.insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"));
    }
    Ok(response.body(asset.content))
}
