//! Reading the fields of one map: every rule of ECMA-426 about their types in one place.

use super::debug_id;
use super::document::{Document, Field, MAX_SOURCES, MapId};
use super::error::{Report, SourceMapError};
use super::sources::join;
use crate::json::Value;
use crate::json::text::decode;

/// What names joined with `sourceRoot` may take more than the map's own bytes.
const JOINED_ALLOWANCE: usize = 1 << 20;

/// Reads the fields of a document's maps and reports what is wrong with them.
pub(super) struct Fields<'d, 'a> {
    pub document: &'d Document<'a>,
}

impl<'a> Fields<'_, 'a> {
    /// Notes a version other than the number 3.
    pub(super) fn check_version(&self, map: MapId, report: &mut Report) -> Result<(), SourceMapError> {
        match self.document.field(map, Field::Version) {
            Some(version) if version.unsigned() == Some(3) => Ok(()),
            Some(_) => report.defect(|| "\"version\" is not the number 3; the map is read as version 3"),
            None => report.defect(|| "\"version\" is missing; the map is read as version 3"),
        }
    }

    /// An optional string (GetOptionalString), undecoded.
    fn string(
        &self,
        map: MapId,
        field: Field,
        name: &str,
        report: &mut Report,
    ) -> Result<Option<&'a [u8]>, SourceMapError> {
        let value = self.document.field(map, field);
        let string = value.and_then(Value::string);
        match value {
            Some(value) if value.is_null() => {
                report.nit(|| format!("\"{name}\" is null instead of a string"))?
            }
            Some(_) if string.is_none() => {
                report.defect(|| format!("\"{name}\" is no string; it is left out"))?
            }
            _ => {}
        }
        Ok(string)
    }

    /// An optional list, absent where it is of another type.
    fn list(
        &self,
        map: MapId,
        field: Field,
        name: &str,
        report: &mut Report,
    ) -> Result<Option<Value<'a>>, SourceMapError> {
        let value = self.document.field(map, field);
        match value {
            Some(value) if value.is_array() => return Ok(Some(value)),
            Some(value) if value.is_null() => {
                report.nit(|| format!("\"{name}\" is null instead of a list"))?
            }
            Some(_) => report.defect(|| format!("\"{name}\" is no list; it is left out"))?,
            None => {}
        }
        Ok(None)
    }

    /// `file`: the name of the generated file.
    pub(super) fn file(&self, map: MapId, report: &mut Report) -> Result<Option<String>, SourceMapError> {
        Ok(self.string(map, Field::File, "file", report)?.map(decode))
    }

    /// `debug_id`, or else `debugId`, in lower case with hyphens.
    pub(super) fn debug_id(&self, map: MapId, report: &mut Report) -> Result<Option<String>, SourceMapError> {
        for (field, name) in [(Field::DebugIdSnakeCase, "debug_id"), (Field::DebugId, "debugId")] {
            let Some(raw) = self.string(map, field, name, report)? else {
                continue;
            };
            if let Some(id) = debug_id::normalize(&decode(raw)) {
                return Ok(Some(id));
            }
            report.defect(|| format!("\"{name}\" is no UUID; it is left out"))?;
        }
        Ok(None)
    }

    /// `mappings`, undecoded, with whether it is complete. The standard requires it.
    pub(super) fn mappings(
        &self,
        map: MapId,
        report: &mut Report,
    ) -> Result<Option<(&'a [u8], bool)>, SourceMapError> {
        let value = self.document.field(map, Field::Mappings);
        let found = value.and_then(|value| Some((value.string()?, value.is_complete())));
        if found.is_none() {
            report.defect(|| "\"mappings\" is no string; the map has no positions")?;
        }
        Ok(found)
    }

    /// Calls `each` with `sources`, `sourceRoot` in front; `None` for a source without a name. At most `limit` of
    /// them; returns how many there are.
    pub(super) fn sources(
        &self,
        map: MapId,
        limit: usize,
        report: &mut Report,
        mut each: impl FnMut(Option<String>) -> Result<(), SourceMapError>,
    ) -> Result<usize, SourceMapError> {
        let root = self.string(map, Field::SourceRoot, "sourceRoot", report)?.map(decode).unwrap_or_default();
        let Some(list) = self.list(map, Field::Sources, "sources", report)? else {
            if self.document.field(map, Field::Sources).is_none() {
                report.defect(|| "\"sources\" is missing; no segment has a position")?;
            }
            return Ok(0);
        };
        let root = self.usable_root(&root, list, limit, report)?;
        let mut count = 0;
        for_each(list, "sources", report, |index, value, report| {
            if index == limit {
                report
                    .defect(|| format!("there are more than {MAX_SOURCES} sources; the rest is left out"))?;
            }
            if index >= limit {
                return Ok(());
            }
            let name = value.string().map(|name| join(root, &decode(name)));
            if name.is_none() && !value.is_null() {
                report.defect(|| format!("source {index} (from 0) is neither a string nor null"))?;
            }
            count += 1;
            each(name)
        })?;
        Ok(count)
    }

    /// A long root in front of many sources would take a multiple of the map's own size.
    fn usable_root<'r>(
        &self,
        root: &'r str,
        sources: Value<'a>,
        limit: usize,
        report: &mut Report,
    ) -> Result<&'r str, SourceMapError> {
        let most = (self.document.len() + JOINED_ALLOWANCE) / root.len().max(1);
        if root.is_empty() || sources.elements().take(limit.min(most + 1)).count() <= most {
            return Ok(root);
        }
        report.defect(|| "\"sourceRoot\" is too long for so many sources; it is left out")?;
        Ok("")
    }

    /// Texts in `sourcesContent`, undecoded, by source; sources without a text are passed over.
    pub(super) fn contents(
        &self,
        map: MapId,
        sources: usize,
        report: &mut Report,
    ) -> Result<Vec<(u32, &'a [u8])>, SourceMapError> {
        self.list(map, Field::SourcesContent, "sourcesContent", report)?;
        let mut contents = Vec::new();
        for (index, value) in self.document.contents(map).enumerate() {
            let text = value.and_then(Value::string);
            match (text, value) {
                (Some(_), Some(value)) if !value.is_complete() => {}
                (Some(text), _) if index < sources => contents.push((index as u32, text)),
                (None, Some(value)) if !value.is_null() => {
                    report.defect(|| format!("the content of source {index} (from 0) is no string"))?;
                }
                _ => {}
            }
        }
        Ok(contents)
    }

    /// Calls `each` with every name, undecoded; what is no string counts as an empty one.
    pub(super) fn names(
        &self,
        map: MapId,
        report: &mut Report,
        mut each: impl FnMut(&'a [u8]) -> Result<(), SourceMapError>,
    ) -> Result<(), SourceMapError> {
        let Some(list) = self.list(map, Field::Names, "names", report)? else {
            return Ok(());
        };
        for_each(list, "names", report, |index, value, report| {
            if value.string().is_none() {
                report.defect(|| format!("name {index} (from 0) is no string; it is read as empty"))?;
            }
            each(value.string().unwrap_or_default())
        })
    }

    /// Calls `each` with every source that `ignoreList`, or else `x_google_ignoreList`, names.
    pub(super) fn ignored(
        &self,
        map: MapId,
        sources: usize,
        report: &mut Report,
        mut each: impl FnMut(usize),
    ) -> Result<(), SourceMapError> {
        let standard = self.document.field(map, Field::IgnoreList).is_some();
        let (field, name) = if standard {
            (Field::IgnoreList, "ignoreList")
        } else {
            (Field::GoogleIgnoreList, "x_google_ignoreList")
        };
        let Some(list) = self.list(map, field, name, report)? else {
            return Ok(());
        };
        for_each(list, name, report, |_, value, report| {
            match value.unsigned() {
                Some(source) if (source as usize) < sources => each(source as usize),
                Some(source) => {
                    report.defect(|| format!("\"{name}\" names source {source}, which there is not"))?
                }
                None if value.is_null() => {}
                None => {
                    report.defect(|| format!("\"{name}\" holds something that is no index of a source"))?
                }
            }
            Ok(())
        })
    }

    /// Elements of `x_facebook_sources`: metadata of each source, written by Metro.
    pub(super) fn facebook_sources(&self, map: MapId) -> impl Iterator<Item = Value<'a>> {
        let list = self.document.field(map, Field::FacebookSources);
        list.into_iter().flat_map(Value::elements).filter_map(Result::ok)
    }
}

/// Calls `each` with the elements of a list and their indices; a list that goes wrong ends there.
fn for_each<'a>(
    list: Value<'a>,
    name: &str,
    report: &mut Report,
    mut each: impl FnMut(usize, Value<'a>, &mut Report) -> Result<(), SourceMapError>,
) -> Result<(), SourceMapError> {
    for (index, element) in list.elements().enumerate() {
        match element {
            Ok(value) if value.is_complete() => each(index, value, report)?,
            // That the text ends early was said when it was scanned.
            _ if !list.is_complete() => {}
            Ok(_) => {}
            Err(error) => {
                report.defect(|| format!("\"{name}\" goes wrong after {index} elements: {}", error.what))?;
            }
        }
    }
    Ok(())
}
