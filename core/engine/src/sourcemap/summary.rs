//! What the top level of a source map says, without decoding its mappings or texts.

use super::build::require_content;
use super::document::{Document, Field, MAX_SOURCES};
use super::error::{Mode, Report, SourceMapError};
use super::fields::Fields;
use super::{metro, sections};

/// The top level of a source map.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// Name of the generated file.
    pub file: Option<String>,
    /// Debug id, in lower case with hyphens.
    pub debug_id: Option<String>,
    /// Sources with `sourceRoot` in front, in the order of their ids in the index; `None` without a name.
    pub sources: Vec<Option<String>>,
    /// How many of them have a text.
    pub sources_with_content: usize,
    /// Number of names.
    pub names: usize,
    /// Number of plain maps in an index map; 0 for a plain map.
    pub sections: usize,
}

/// Reads the top level of a source map (JSON text, UTF-8), leniently.
pub fn summarize(data: &[u8]) -> Result<Summary, SourceMapError> {
    let mut report = Report::new(Mode::Lenient);
    let document = Document::scan(data, &mut report)?;
    require_content(&document)?;
    let fields = Fields { document: &document };
    let mut summary = Summary {
        file: fields.file(0, &mut report)?,
        debug_id: fields.debug_id(0, &mut report)?,
        ..Summary::default()
    };
    let placed = sections::place(&document, &mut report)?;
    if document.field(0, Field::Sections).is_some() {
        summary.sections = placed.len();
    }
    for placed in placed {
        add_map(&mut summary, &fields, placed.map, &mut report)?;
    }
    for segment in metro::segments(&document, &mut report)? {
        let fields = Fields { document: &segment.document };
        for placed in sections::place(&segment.document, &mut report)? {
            add_map(&mut summary, &fields, placed.map, &mut report)?;
        }
    }
    Ok(summary)
}

fn add_map(
    summary: &mut Summary,
    fields: &Fields<'_, '_>,
    map: usize,
    report: &mut Report,
) -> Result<(), SourceMapError> {
    let limit = MAX_SOURCES - summary.sources.len().min(MAX_SOURCES);
    let sources = fields.sources(map, limit, report, |source| {
        summary.sources.push(source);
        Ok(())
    })?;
    summary.sources_with_content += fields.contents(map, sources, report)?.len();
    fields.names(map, report, |_| {
        summary.names += 1;
        Ok(())
    })
}
