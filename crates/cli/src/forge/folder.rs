//! The folder that `forge deploy` takes: the manifest, and the pages that Atlassian serves in Jira.

use std::io;
use std::path::{Path, PathBuf};

use super::app_id::{ARI, AppId};
use super::manifest::Kind;

const MANIFEST: &str = "manifest.yml";
/// Where the manifest says that the pages are.
const PAGES: &str = "static";

macro_rules! pages {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../../../forge/static/", $name)) as &[u8])),*]
    };
}

/// What `npm run build` in `forge/ui` made.
static FILES: &[(&str, &[u8])] = pages!["brine.css", "brine.js", "icon.svg", "index.html"];

/// A folder that is empty, not there yet, or one of ours.
pub(super) struct Folder {
    path: PathBuf,
    /// The manifest that is there already.
    manifest: Option<String>,
}

/// Why a folder is left alone.
#[derive(Debug, thiserror::Error)]
pub(super) enum FolderError {
    /// It can't be read.
    #[error("{} can't be read: {error}", path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    /// There are files of somebody else in it.
    #[error("{} holds other files: name an empty folder, or one that `brine forge app` made", .0.display())]
    NotOurs(PathBuf),
    /// Its manifest has lost its app id.
    #[error("{} holds no app id: give it with --app-id", .0.display())]
    NoId(PathBuf),
    /// It can't be written.
    #[error("{} can't be written: {error}", path.display())]
    Unwritable { path: PathBuf, error: io::Error },
}

impl Folder {
    /// Looks at the folder; nothing is written yet.
    pub(super) fn open(path: &Path) -> Result<Self, FolderError> {
        let unreadable = |error| FolderError::Unreadable { path: path.to_owned(), error };
        let is_empty = match std::fs::read_dir(path) {
            Ok(mut entries) => entries.next().is_none(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => true,
            Err(error) => return Err(unreadable(error)),
        };
        let manifest = match std::fs::read_to_string(path.join(MANIFEST)) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(unreadable(error)),
        };
        let is_ours = manifest.as_ref().is_some_and(|text| text.contains("brine-lifecycle"));
        if is_empty || is_ours {
            Ok(Self { path: path.to_owned(), manifest })
        } else {
            Err(FolderError::NotOurs(path.to_owned()))
        }
    }

    /// The id of the app that is in the folder; none when it is new, or when nobody has registered its app yet.
    pub(super) fn app_id(&self) -> Result<Option<AppId>, FolderError> {
        let Some(manifest) = &self.manifest else { return Ok(None) };
        let text = manifest.split_once(ARI).and_then(|(_, rest)| rest.get(..uuid::fmt::Hyphenated::LENGTH));
        let text = text.ok_or_else(|| FolderError::NoId(self.path.join(MANIFEST)))?;
        match text.parse::<AppId>() {
            Ok(id) => Ok(Some(id)),
            Err(super::app_id::WrongAppId::PlaceHolder) => Ok(None),
            Err(super::app_id::WrongAppId::Form) => Err(FolderError::NoId(self.path.join(MANIFEST))),
        }
    }

    /// Writes the manifest, and the pages for Forge's own modules.
    pub(super) fn write(&self, kind: Kind, manifest: &str) -> Result<(), FolderError> {
        let put = |file: PathBuf, bytes: &[u8]| {
            let parent = file.parent().map_or(Ok(()), std::fs::create_dir_all);
            parent
                .and_then(|()| std::fs::write(&file, bytes))
                .map_err(|error| FolderError::Unwritable { path: file, error })
        };
        if kind == Kind::Remote {
            for (name, bytes) in FILES {
                put(self.path.join(PAGES).join(name), bytes)?;
            }
        }
        // Last, so that a folder with a manifest is whole.
        put(self.path.join(MANIFEST), manifest.as_bytes())
    }
}
