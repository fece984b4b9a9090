//! Files in and out.

use super::reason;
use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, DataTransfer, File, FileList, FilePropertyBag, FileSystemDirectoryEntry,
    FileSystemDirectoryReader, FileSystemEntry, FileSystemFileEntry, HtmlAnchorElement, ShareData,
    Url,
};

/// Offers a text as a download.
pub fn download(name: &str, media_type: &str, content: &str) {
    let Some(blob) = blob(media_type, content) else { return };
    let Ok(address) = Url::create_object_url_with_blob(&blob) else { return };
    if let Some(document) = window().document()
        && let Ok(element) = document.create_element("a")
        && let Ok(anchor) = element.dyn_into::<HtmlAnchorElement>()
    {
        anchor.set_href(&address);
        anchor.set_download(name);
        anchor.click();
    }
    let _ = Url::revoke_object_url(&address);
}

fn blob(media_type: &str, content: &str) -> Option<Blob> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    Blob::new_with_str_sequence_and_options(&Array::of1(&content.into()), &options).ok()
}

/// Puts a text on the clipboard.
///
/// # Errors
/// The browser's reason for refusing.
pub async fn copy(content: &str) -> Result<(), String> {
    let clipboard = Reflect::get(&window().navigator(), &"clipboard".into()).unwrap_or_default();
    if clipboard.is_undefined() {
        // Pages served without TLS have no clipboard.
        return Err("NotAllowedError".to_owned());
    }
    let written = window().navigator().clipboard().write_text(content);
    JsFuture::from(written).await.map(|_| ()).map_err(|error| reason(&error))
}

fn shareable(name: &str, media_type: &str, content: &str) -> Option<ShareData> {
    let options = FilePropertyBag::new();
    options.set_type(media_type);
    let parts = Array::of1(&content.into());
    let file = File::new_with_str_sequence_and_options(&parts, name, &options).ok()?;
    let data = ShareData::new();
    data.set_files(&Array::of1(&file));
    Some(data)
}

/// Whether this browser can hand a file to another app.
#[must_use]
pub fn can_share(name: &str, media_type: &str, content: &str) -> bool {
    let navigator = window().navigator();
    let method = Reflect::get(&navigator, &"canShare".into()).unwrap_or_default();
    let (Some(method), Some(data)) =
        (method.dyn_ref::<Function>(), shareable(name, media_type, content))
    else {
        return false;
    };
    method.call1(&navigator, &data).is_ok_and(|answer| answer.is_truthy())
}

/// Hands a file to another app of the participant's choice.
///
/// # Errors
/// The browser's reason; giving up is not an error.
pub async fn share(name: &str, media_type: &str, content: &str) -> Result<(), String> {
    let Some(data) = shareable(name, media_type, content) else { return Err("Error".to_owned()) };
    match JsFuture::from(window().navigator().share_with_data(&data)).await {
        Ok(_) => Ok(()),
        Err(error) if reason(&error) == "AbortError" => Ok(()),
        Err(error) => Err(reason(&error)),
    }
}

/// A file that a person chose or dropped.
#[derive(Clone)]
pub struct Chosen {
    /// Name, with its folder where the browser tells it.
    pub name: String,
    /// Size in bytes, known before anything is read.
    pub size: u64,
    file: File,
}

impl Chosen {
    fn new(name: String, file: File) -> Self {
        Chosen { name, size: file.size() as u64, file }
    }

    /// The bytes, as the worker takes them.
    ///
    /// # Errors
    /// The browser's reason, for a file that vanished or may not be read.
    pub async fn read(&self) -> Result<Uint8Array, String> {
        let buffer = JsFuture::from(self.file.array_buffer()).await;
        buffer.map(|buffer| Uint8Array::new(&buffer)).map_err(|error| reason(&error))
    }
}

/// Files of an input element.
#[must_use]
pub fn from_list(list: Option<FileList>) -> Vec<Chosen> {
    let Some(list) = list else { return Vec::new() };
    let files = (0..list.length()).filter_map(|idx| list.item(idx));
    files
        .map(|file| {
            let path = Reflect::get(&file, &"webkitRelativePath".into()).ok();
            let path = path.and_then(|path| path.as_string()).filter(|path| !path.is_empty());
            Chosen::new(path.unwrap_or_else(|| file.name()), file)
        })
        .collect()
}

/// Files and folders of a drop. The entries must be taken while the event lasts.
#[must_use]
pub fn dropped(transfer: &DataTransfer) -> Vec<FileSystemEntry> {
    let items = transfer.items();
    let items = (0..items.length()).filter_map(|idx| items.get(idx));
    items.filter_map(|item| item.webkit_get_as_entry().ok().flatten()).collect()
}

/// All files below some dropped entries.
pub async fn walk(mut entries: Vec<FileSystemEntry>) -> Vec<Chosen> {
    let mut found = Vec::new();
    while let Some(entry) = entries.pop() {
        if entry.is_directory() {
            let reader = entry.unchecked_into::<FileSystemDirectoryEntry>().create_reader();
            // A reader returns at most a hundred entries a call, and none at the end.
            while let Some(batch) = read_entries(&reader).await.filter(|batch| !batch.is_empty()) {
                entries.extend(batch);
            }
        } else if entry.is_file() {
            let name = entry.full_path().trim_start_matches('/').to_owned();
            let entry: FileSystemFileEntry = entry.unchecked_into();
            let file = Promise::new(&mut |resolve, reject| {
                entry.file_with_callback_and_callback(&resolve, &reject);
            });
            if let Ok(file) = JsFuture::from(file).await {
                found.push(Chosen::new(name, file.unchecked_into()));
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

async fn read_entries(reader: &FileSystemDirectoryReader) -> Option<Vec<FileSystemEntry>> {
    let batch = Promise::new(&mut |resolve, reject| {
        if let Err(error) = reader.read_entries_with_callback_and_callback(&resolve, &reject) {
            let _ = reject.call1(&JsValue::NULL, &error);
        }
    });
    let batch = JsFuture::from(batch).await.ok()?;
    Some(Array::from(&batch).iter().map(JsCast::unchecked_into).collect())
}
