//! Token signatures, verified by ring, which also serves TLS. The default backends of jsonwebtoken
//! would add a second cryptography library. Nothing is signed here.

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result};
use jsonwebtoken::signature::{Error, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind, EncodingKey};
use ring::signature as ring_signature;

/// Makes jsonwebtoken use ring; calling it again has no effect.
pub fn install() {
    static RING: CryptoProvider = CryptoProvider {
        signer_factory: sign_nothing,
        verifier_factory: verifier,
        key_utils: KeyUtils::new_unimplemented(),
    };
    let _ = RING.install_default();
}

fn sign_nothing(_: &Algorithm, _: &EncodingKey) -> Result<Box<dyn JwtSigner>> {
    Err(ErrorKind::UnsupportedAlgorithm.into())
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    match scheme(*algorithm) {
        Some(scheme) => Ok(Box::new(Ring { algorithm: *algorithm, scheme, key: key.clone() })),
        None => Err(ErrorKind::UnsupportedAlgorithm.into()),
    }
}

/// Signature scheme of ring; RSA keys need at least 2048 bits.
enum SignatureScheme {
    Rsa(&'static ring_signature::RsaParameters),
    Point(&'static dyn ring_signature::VerificationAlgorithm),
}

fn scheme(algorithm: Algorithm) -> Option<SignatureScheme> {
    Some(match algorithm {
        Algorithm::RS256 => SignatureScheme::Rsa(&ring_signature::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::RS384 => SignatureScheme::Rsa(&ring_signature::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RS512 => SignatureScheme::Rsa(&ring_signature::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::PS256 => SignatureScheme::Rsa(&ring_signature::RSA_PSS_2048_8192_SHA256),
        Algorithm::PS384 => SignatureScheme::Rsa(&ring_signature::RSA_PSS_2048_8192_SHA384),
        Algorithm::PS512 => SignatureScheme::Rsa(&ring_signature::RSA_PSS_2048_8192_SHA512),
        Algorithm::ES256 => SignatureScheme::Point(&ring_signature::ECDSA_P256_SHA256_FIXED),
        Algorithm::ES384 => SignatureScheme::Point(&ring_signature::ECDSA_P384_SHA384_FIXED),
        Algorithm::EdDSA => SignatureScheme::Point(&ring_signature::ED25519),
        _ => return None,
    })
}

struct Ring {
    algorithm: Algorithm,
    scheme: SignatureScheme,
    key: DecodingKey,
}

impl Verifier<Vec<u8>> for Ring {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        let verified = match (&self.scheme, self.key.kind()) {
            (SignatureScheme::Rsa(parameters), DecodingKeyKind::RsaModulusExponent { n, e }) => {
                ring_signature::RsaPublicKeyComponents { n, e }
                    .verify(parameters, message, signature)
            }
            (SignatureScheme::Point(scheme), DecodingKeyKind::SecretOrDer(point)) => {
                ring_signature::UnparsedPublicKey::new(*scheme, point).verify(message, signature)
            }
            _ => return Err(Error::new()),
        };
        verified.map_err(|_| Error::new())
    }
}

impl JwtVerifier for Ring {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}
