//! Signatures of tokens, checked by ring, which already checks those of TLS here: jsonwebtoken's
//! own choices would bring a second library of cryptography into the build. It verifies and never
//! signs.

use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result};
use jsonwebtoken::signature::{Error, Verifier};
use jsonwebtoken::{Algorithm, DecodingKey, DecodingKeyKind, EncodingKey};
use ring::signature as ways;

/// Makes ring the library that jsonwebtoken asks; again makes no difference.
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
    match way(*algorithm) {
        Some(way) => Ok(Box::new(Ring { algorithm: *algorithm, way, key: key.clone() })),
        None => Err(ErrorKind::UnsupportedAlgorithm.into()),
    }
}

/// How ring checks a signature; RSA keys of at least 2048 bits.
enum Way {
    Rsa(&'static ways::RsaParameters),
    Point(&'static dyn ways::VerificationAlgorithm),
}

fn way(algorithm: Algorithm) -> Option<Way> {
    Some(match algorithm {
        Algorithm::RS256 => Way::Rsa(&ways::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::RS384 => Way::Rsa(&ways::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RS512 => Way::Rsa(&ways::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::PS256 => Way::Rsa(&ways::RSA_PSS_2048_8192_SHA256),
        Algorithm::PS384 => Way::Rsa(&ways::RSA_PSS_2048_8192_SHA384),
        Algorithm::PS512 => Way::Rsa(&ways::RSA_PSS_2048_8192_SHA512),
        Algorithm::ES256 => Way::Point(&ways::ECDSA_P256_SHA256_FIXED),
        Algorithm::ES384 => Way::Point(&ways::ECDSA_P384_SHA384_FIXED),
        Algorithm::EdDSA => Way::Point(&ways::ED25519),
        _ => return None,
    })
}

struct Ring {
    algorithm: Algorithm,
    way: Way,
    key: DecodingKey,
}

impl Verifier<Vec<u8>> for Ring {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        let verified = match (&self.way, self.key.kind()) {
            (Way::Rsa(parameters), DecodingKeyKind::RsaModulusExponent { n, e }) => {
                ways::RsaPublicKeyComponents { n, e }.verify(parameters, message, signature)
            }
            (Way::Point(way), DecodingKeyKind::SecretOrDer(point)) => {
                ways::UnparsedPublicKey::new(*way, point).verify(message, signature)
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
