//! Where the sources of a program are served, as its debug file says: Source Link, or a source server.

use super::dotnet;
use super::error::DebugFileError;
use super::pdb;
use super::pdb::srcsrv::SourceServer;
use super::source_link::SourceLink;

/// URLs of source files by the paths that the debug file has for them.
#[derive(Debug, Clone, Default)]
pub struct SourceLinks {
    links: Vec<SourceLink>,
    server: SourceServer,
}

impl SourceLinks {
    /// Reads what a PDB says, portable or not, beside or inside of an assembly; any other format says nothing.
    ///
    /// # Errors
    ///
    /// The file is a PDB that cannot be read.
    pub fn read(data: &[u8]) -> Result<Self, DebugFileError> {
        if data.starts_with(pdb::MAGIC) {
            let (server, links) = pdb::source_streams(data)?;
            return Ok(Self { links, server });
        }
        if data.starts_with(dotnet::MAGIC) || dotnet::is_assembly(data) {
            let links =
                dotnet::sources(data)?.source_link.iter().map(|json| SourceLink::parse(json)).collect();
            return Ok(Self { links, server: SourceServer::default() });
        }
        Ok(Self::default())
    }

    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.links.iter().all(SourceLink::is_empty) && self.server.is_empty()
    }

    /// Where the source file of this path is; None if nothing says so.
    #[must_use]
    pub fn url(&self, path: &str) -> Option<String> {
        self.links.iter().find_map(|link| link.url(path)).or_else(|| self.server.url(path))
    }
}
