//! Receives what platforms push: verified, decrypted, each once, and kept before it is answered.
