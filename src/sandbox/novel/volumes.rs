//! Volumes: they cover every chapter, without gap or overlap.

use super::book::{Edition, Volume};
use super::refusal;
use crate::sandbox::model::{Refusal, Request, number};
use serde_json::Value;

/// What becomes of the volumes: nothing, others, or none.
pub(super) fn wanted(edit: &Edition, request: &Request) -> Result<Option<Vec<Volume>>, Refusal> {
    match request.fields.get("need_volume").and_then(Value::as_bool) {
        Some(true) => {
            let volumes: Option<Vec<Volume>> = request.list("volume_list").iter().map(volume).collect();
            let fitting = volumes.filter(|volumes| cover(volumes, edit.chapters.len()));
            fitting.map(Some).ok_or_else(|| refusal(10140012))
        }
        Some(false) => Ok(Some(Vec::new())),
        None => Ok(None),
    }
}

fn volume(row: &Value) -> Option<Volume> {
    let index = |field: &str| usize::try_from(number(&row[field])?).ok();
    Some(Volume { title: row["volume_title"].as_str()?.into(), start: index("start_index")?, end: index("end_index")? })
}

/// Whether the volumes follow one another from the first chapter to the last.
pub(super) fn cover(volumes: &[Volume], chapters: usize) -> bool {
    let mut next = 0;
    for volume in volumes {
        if volume.start != next || volume.end < volume.start || volume.end >= chapters {
            return false;
        }
        next = volume.end + 1;
    }
    next == chapters && !volumes.is_empty()
}
