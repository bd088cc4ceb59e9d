//! The key itself: where it is found, and how it is made.

use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use anyhow::{Context as _, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::clock::{new_uuid, random_bytes};
use crate::digest::{hex, sha256_hex};

use super::Source;

/// Its file in the data directory.
pub(super) const FILE: &str = "secret.key";
/// Its name among the credentials systemd hands over.
pub(super) const CREDENTIAL: &str = "aisle-secret-key";
const BYTES: usize = 32;
/// Everybody but the owner.
const OTHERS: u32 = 0o077;

/// 256 bits that are shown to nobody.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Key([u8; BYTES]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({})", self.name())
    }
}

impl Key {
    pub(super) fn bytes(&self) -> &[u8; BYTES] {
        &self.0
    }

    /// Tells one key from another and gives nothing of it away.
    pub(super) fn name(&self) -> String {
        let mut named = b"the name of an aisle key".to_vec();
        named.extend_from_slice(&self.0);
        sha256_hex(named)[..8].to_owned()
    }

    fn parse(text: &str) -> Option<Key> {
        let text = text.trim();
        let bytes = if text.len() == 2 * BYTES {
            from_hex(text)?
        } else {
            STANDARD.decode(text).ok()?
        };
        bytes.try_into().ok().map(Key)
    }
}

impl Source {
    /// The key, when there is one.
    pub(super) fn find(&self) -> anyhow::Result<Option<Key>> {
        if !self.setting.is_empty() {
            return parsed(&self.setting, "AISLE_SECRET_KEY").map(Some);
        }
        if let Some(path) = &self.credential
            && let Some(text) = read(path)?
        {
            return parsed(&text, &path.display().to_string()).map(Some);
        }
        let Some(text) = read(&self.file)? else {
            return Ok(None);
        };
        ensure_private(&self.file)?;
        parsed(&text, &self.file.display().to_string()).map(Some)
    }

    pub(super) fn find_or_refuse(&self) -> anyhow::Result<Key> {
        self.find()?.with_context(|| {
            format!(
                "the key that secrets were sealed under is missing: bring back {}, or set AISLE_SECRET_KEY",
                self.file.display()
            )
        })
    }

    pub(super) fn find_or_make(&self) -> anyhow::Result<Key> {
        if let Some(key) = self.find()? {
            return Ok(key);
        }
        self.make()?;
        self.find_or_refuse()
    }

    /// Written whole under another name first: who finds the file finds a key in it, and of two who make
    /// one at the same time both use the first.
    fn make(&self) -> anyhow::Result<()> {
        let path = &self.file;
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
        let draft = folder.join(format!(".{FILE}.{}", new_uuid().simple()));
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o400)
            .open(&draft)
            .with_context(|| format!("making {}", draft.display()))?;
        writeln!(file, "{}", hex(&random_bytes::<BYTES>()))?;
        file.sync_all()?;
        let linked = fs::hard_link(&draft, path);
        fs::remove_file(&draft)?;
        match linked {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                Err(error).with_context(|| format!("making {}", path.display()))
            }
            _ => {
                fs::File::open(folder)?.sync_all()?;
                tracing::warn!(file = %path.display(), "made the key for secrets: keep a copy apart from the database");
                Ok(())
            }
        }
    }
}

fn parsed(text: &str, place: &str) -> anyhow::Result<Key> {
    Key::parse(text).with_context(|| {
        format!("{place} holds no key: 32 bytes as 64 hexadecimal digits or in base64 are wanted")
    })
}

fn read(path: &Path) -> anyhow::Result<Option<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
    }
}

fn ensure_private(path: &Path) -> anyhow::Result<()> {
    let mode = fs::metadata(path)?.mode();
    ensure!(
        mode & OTHERS == 0,
        "others can read the key for secrets: `chmod 0400 {}`",
        path.display()
    );
    Ok(())
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    digits?
        .chunks(2)
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok())
        .collect()
}
