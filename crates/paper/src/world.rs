//! What typst sees: our template, the document as JSON, its pictures, the fonts, and nothing else.

use std::collections::BTreeMap;

use deskbell_domain::paper::{Block, PaperDocument};
use serde_json::{Value, json};
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt as _, World};

use crate::PaperError;
use crate::fonts::Fonts;
use crate::picture::PICTURES_MAX;
use crate::{drawing, picture, text};

const TEMPLATE: &str = include_str!("../template/paper.typ");

pub(crate) struct PaperWorld<'a> {
    library: LazyHash<Library>,
    fonts: &'a Fonts,
    template: Source,
    files: BTreeMap<String, Bytes>,
}

impl<'a> PaperWorld<'a> {
    pub(crate) fn new(fonts: &'a Fonts, family: &str, document: &PaperDocument) -> Result<Self, PaperError> {
        let mut files = BTreeMap::new();
        let mut data = serde_json::to_value(document).map_err(|error| PaperError::Failed(error.to_string()))?;
        data = text::printable_all(data);
        let pictures: Vec<Value> =
            document.pictures.iter().enumerate().map(|(index, bytes)| put_picture(&mut files, index, bytes)).collect();
        let signatures: Vec<Value> =
            document.blocks.iter().enumerate().map(|(index, block)| put_drawing(&mut files, index, block)).collect();
        if let Some(fields) = data.as_object_mut() {
            fields.insert("family".to_owned(), json!(family));
            fields.insert("pictures".to_owned(), Value::Array(pictures));
            fields.insert("signatures".to_owned(), Value::Array(signatures));
        }
        files.insert("/document.json".to_owned(), Bytes::new(data.to_string().into_bytes()));
        let template = Source::new(file_id("/paper.typ")?, TEMPLATE.to_owned());
        Ok(Self { library: LazyHash::new(Library::default()), fonts, template, files })
    }
}

/// Its name for the template, or null for what cannot be shown.
fn put_picture(files: &mut BTreeMap<String, Bytes>, index: usize, bytes: &[u8]) -> Value {
    let Some(jpeg) = (index < PICTURES_MAX).then(|| picture::smaller(bytes)).flatten() else { return Value::Null };
    let name = format!("/picture-{index}.jpg");
    files.insert(name.clone(), Bytes::new(jpeg));
    Value::String(name)
}

/// By the block's place; null for a block that is no signature, or has nothing drawn.
fn put_drawing(files: &mut BTreeMap<String, Bytes>, index: usize, block: &Block) -> Value {
    let Block::Signature { drawing: Some(path), .. } = block else { return Value::Null };
    let Some(svg) = drawing::svg(path) else { return Value::Null };
    let name = format!("/signature-{index}.svg");
    files.insert(name.clone(), Bytes::new(svg.into_bytes()));
    Value::String(name)
}

fn file_id(path: &str) -> Result<FileId, PaperError> {
    let path = VirtualPath::new(path).map_err(|_| PaperError::Failed(format!("{path} is no path")))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

impl World for PaperWorld<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.store.book()
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() { Ok(self.template.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let path = id.get();
        let ours = matches!(path.root(), VirtualRoot::Project).then(|| self.files.get(path.vpath().get_with_slash())).flatten();
        ours.cloned().ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.store.font(index)
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
