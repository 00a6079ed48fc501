//! The safe mode: AES-256-CBC around 16 random bytes, the length, the message and the appid.

use aes::Aes256;
use base64::{
    Engine,
    alphabet::STANDARD as ALPHABET,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use cbc::{
    Decryptor, Encryptor,
    cipher::{Block, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit},
};
use std::{fmt, str::FromStr};

/// A ciphertext is a multiple of this, twice the block of AES.
const BLOCK: usize = 32;
const RANDOM: usize = 16;
const LENGTH: usize = 4;

/// The last of the 43 characters carries two bits more than the key needs, and they may be set.
const KEYS: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone),
);

/// The key of the safe mode, which the console shows as an EncodingAESKey.
#[derive(Clone)]
pub struct Key([u8; 32]);

/// The text is no EncodingAESKey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAKey;

/// Why a ciphertext was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// It is not Base64.
    Encoding,
    /// It is empty, or no multiple of 32 bytes.
    Length,
    /// What lies inside is no message: the key is another one, or the text was changed.
    Content,
    /// It is for somebody else.
    Appid,
}

impl Key {
    /// Encrypt a message to this appid. The random bytes make equal messages look different.
    pub fn encrypt(&self, message: &str, appid: &str, random: [u8; RANDOM]) -> String {
        let length = u32::try_from(message.len()).expect("a message is shorter than 4 GiB");
        let mut bytes = [&random[..], &length.to_be_bytes(), message.as_bytes(), appid.as_bytes()].concat();
        // Between 1 and 32 bytes, also behind a text that fits as it is.
        let padding = BLOCK - bytes.len() % BLOCK;
        bytes.resize(bytes.len() + padding, padding as u8);
        let (blocks, _) = Block::<Aes256>::slice_as_chunks_mut(&mut bytes);
        Encryptor::<Aes256>::new(&self.0.into(), &self.iv().into()).encrypt_blocks(blocks);
        STANDARD.encode(bytes)
    }

    /// Decrypt a message to this appid. Its signature must have been verified before.
    pub fn decrypt(&self, text: &str, appid: &str) -> Result<String, Unreadable> {
        let mut bytes = STANDARD.decode(text).map_err(|_| Unreadable::Encoding)?;
        if bytes.is_empty() || bytes.len() % BLOCK != 0 {
            return Err(Unreadable::Length);
        }
        let (blocks, _) = Block::<Aes256>::slice_as_chunks_mut(&mut bytes);
        Decryptor::<Aes256>::new(&self.0.into(), &self.iv().into()).decrypt_blocks(blocks);
        let (message, owner) = unframed(&bytes).ok_or(Unreadable::Content)?;
        if owner != appid.as_bytes() {
            return Err(Unreadable::Appid);
        }
        String::from_utf8(message.to_vec()).map_err(|_| Unreadable::Content)
    }

    fn iv(&self) -> [u8; 16] {
        std::array::from_fn(|at| self.0[at])
    }
}

/// The message and the appid within the frame.
fn unframed(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let padding = usize::from(*bytes.last()?);
    if !(1..=BLOCK).contains(&padding) {
        return None;
    }
    let (content, padded) = bytes.split_at_checked(bytes.len().checked_sub(padding)?)?;
    if padded.iter().any(|byte| usize::from(*byte) != padding) {
        return None;
    }
    let (length, rest) = content.get(RANDOM..)?.split_first_chunk::<LENGTH>()?;
    rest.split_at_checked(u32::from_be_bytes(*length) as usize)
}

impl FromStr for Key {
    type Err = NotAKey;
    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let bytes = KEYS.decode(text).map_err(|_| NotAKey)?;
        bytes.try_into().map(Key).map_err(|_| NotAKey)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("••••")
    }
}

impl fmt::Display for NotAKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an EncodingAESKey is 43 letters, digits, `+` and `/`")
    }
}

impl std::error::Error for NotAKey {}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unreadable::Encoding => "the ciphertext is not Base64",
            Unreadable::Length => "the ciphertext is no multiple of 32 bytes",
            Unreadable::Content => "the key is another one, or the ciphertext was changed",
            Unreadable::Appid => "the message is for another appid",
        })
    }
}

impl std::error::Error for Unreadable {}
