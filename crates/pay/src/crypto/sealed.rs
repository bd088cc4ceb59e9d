//! AEAD_AES_256_GCM: how WeChat seals reports and certificates.

use std::fmt;

use aes_gcm::aead::array::ArraySize;
use aes_gcm::aead::{Aead, Nonce, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use zeroize::Zeroize;

use super::{KeyProblem, from_base64, to_base64};

const NONCE_BYTES: usize = 12;

/// The merchant's APIv3 key: exactly 32 bytes.
pub struct ApiV3Key([u8; 32]);

impl ApiV3Key {
    /// Takes the text of the merchant console.
    pub fn parse(text: &str) -> Result<ApiV3Key, KeyProblem> {
        text.as_bytes()
            .try_into()
            .map(ApiV3Key)
            .map_err(|_| KeyProblem::NotThirtyTwo)
    }

    /// What was sealed; `None` when key, nonce, associated data or text do not belong together.
    pub fn open(&self, nonce: &str, associated: &str, ciphertext: &str) -> Option<Vec<u8>> {
        if nonce.len() != NONCE_BYTES {
            return None;
        }
        let cipher = Aes256Gcm::new(&self.0.into());
        open_with(&cipher, nonce.as_bytes(), associated, ciphertext)
    }

    /// Seals `plain`; `None` for a nonce that is not 12 bytes.
    pub fn seal(&self, nonce: &str, associated: &str, plain: &[u8]) -> Option<String> {
        if nonce.len() != NONCE_BYTES {
            return None;
        }
        let cipher = Aes256Gcm::new(&self.0.into());
        let nonce = Nonce::<Aes256Gcm>::try_from(nonce.as_bytes()).ok()?;
        let payload = Payload {
            msg: plain,
            aad: associated.as_bytes(),
        };
        cipher
            .encrypt(&nonce, payload)
            .ok()
            .map(|sealed| to_base64(&sealed))
    }
}

/// With a cipher of any size: published vectors have other sizes than production.
pub(super) fn open_with<C: Aead>(
    cipher: &C,
    nonce: &[u8],
    associated: &str,
    ciphertext: &str,
) -> Option<Vec<u8>>
where
    C::NonceSize: ArraySize,
{
    let nonce = Nonce::<C>::try_from(nonce).ok()?;
    let sealed = from_base64(ciphertext)?;
    let payload = Payload {
        msg: &sealed,
        aad: associated.as_bytes(),
    };
    cipher.decrypt(&nonce, payload).ok()
}

impl Drop for ApiV3Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for ApiV3Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiV3Key")
    }
}
