//! Grants: map values of a claim to a role and regions.

use anyhow::bail;
use hotwash_schema::access::Role;
use serde_json::{Map, Value};

use super::OidcOptions;

/// Configured grants.
#[derive(Debug)]
pub struct Grants {
    claim: String,
    region_claim: Option<String>,
    grants: Vec<(String, Role, Vec<String>)>,
}

impl Grants {
    /// Parses the configured grants.
    ///
    /// # Errors
    /// Fails when a grant cannot be parsed, or there is none.
    pub fn parse(options: &OidcOptions) -> anyhow::Result<Self> {
        let mut grants = Vec::new();
        for text in &options.oidc_grant {
            let parsed = text.trim().rsplit_once('=').and_then(|(value, gives)| {
                let (role, regions) = gives.split_once(':').unwrap_or((gives, ""));
                let regions: Vec<String> = regions
                    .split(',')
                    .map(str::trim)
                    .filter(|code| !code.is_empty())
                    .map(str::to_owned)
                    .collect();
                let role = Role::parse(role.trim())?;
                (!value.is_empty()).then(|| (value.trim().to_owned(), role, regions))
            });
            let Some((value, role, regions)) = parsed else {
                bail!(
                    "--oidc-grant {text}: write it as VALUE=ROLE, e.g. hcc-staff=analyst or \
                     hcc-region-3=region:3"
                );
            };
            if role == Role::Region && regions.is_empty() && options.oidc_region_claim.is_none() {
                bail!(
                    "--oidc-grant {text}: which region? Write =region:CODE, or name the claim with \
                     --oidc-region-claim"
                );
            }
            if role != Role::Region && !regions.is_empty() {
                bail!("--oidc-grant {text}: regions belong to role region alone");
            }
            grants.push((value, role, regions));
        }
        if grants.is_empty() {
            bail!(
                "--oidc-issuer needs --oidc-grant VALUE=ROLE: without one no account would have a \
                 role"
            );
        }
        Ok(Self {
            claim: options.oidc_claim.clone(),
            region_claim: options.oidc_region_claim.clone(),
            grants,
        })
    }

    /// Returns the widest role that the claims grant, with all granted regions; `None` without a
    /// grant.
    pub fn of(&self, claims: &Map<String, Value>) -> Option<(Role, Vec<String>)> {
        let has = values(claims, &self.claim);
        let given: Vec<_> =
            self.grants.iter().filter(|(value, _, _)| has.iter().any(|had| had == value)).collect();
        let role = Role::ALL
            .iter()
            .copied()
            .find(|role| given.iter().any(|(_, granted, _)| granted == role))?;
        if role != Role::Region {
            return Some((role, Vec::new()));
        }
        let mut regions: Vec<String> =
            given.iter().flat_map(|(_, _, regions)| regions.clone()).collect();
        if let Some(claim) = &self.region_claim {
            regions.extend(values(claims, claim));
        }
        regions.sort();
        regions.dedup();
        Some((role, regions))
    }
}

/// Values of a claim: a list, or one text separated by spaces.
fn values(claims: &Map<String, Value>, path: &str) -> Vec<String> {
    let mut found = claims.get(path);
    if found.is_none() {
        let mut steps = path.split('.');
        found = steps.next().and_then(|first| claims.get(first));
        for step in steps {
            found = found.and_then(|value| value.get(step));
        }
    }
    match found {
        Some(Value::Array(list)) => {
            list.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
        }
        Some(Value::String(text)) => text.split_whitespace().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn grants(grants: &[&str], claim: &str, region_claim: Option<&str>) -> anyhow::Result<Grants> {
        Grants::parse(&OidcOptions {
            oidc_claim: claim.into(),
            oidc_grant: grants.iter().map(|text| (*text).to_owned()).collect(),
            oidc_region_claim: region_claim.map(str::to_owned),
            ..OidcOptions::default()
        })
    }

    #[rstest]
    #[case(json!({ "roles": ["staff"] }), Some((Role::Analyst, vec![])))]
    #[case(json!({ "roles": "other r3" }), Some((Role::Region, vec!["3"])))]
    #[case(json!({ "roles": ["r3", "r4"], "hcc": ["1"] }), Some((Role::Region, vec!["1", "3", "4AB", "4C"])))]
    #[case(json!({ "roles": ["r3", "staff"], "hcc": ["1"] }), Some((Role::Analyst, vec![])))]
    #[case(json!({ "roles": ["else"] }), None)]
    #[case(json!({ "roles": { "staff": true } }), None)]
    #[case(json!({ "groups": ["staff"] }), None)]
    fn the_widest_role_counts_and_regions_add_up(
        #[case] claims: Value,
        #[case] given: Option<(Role, Vec<&str>)>,
    ) {
        let grants =
            grants(&["staff=analyst", "r3=region:3", "r4=region:4AB,4C"], "roles", Some("hcc"))
                .unwrap();
        let given =
            given.map(|(role, codes)| (role, codes.into_iter().map(str::to_owned).collect()));
        assert_eq!(grants.of(claims.as_object().unwrap()), given);
    }

    #[test]
    fn a_dotted_claim_reads_objects_and_wrong_grants_are_reported() {
        let nested = grants(&["cn=staff,ou=x=viewer"], "realm_access.roles", None).unwrap();
        let claims = json!({ "realm_access": { "roles": ["cn=staff,ou=x"] } });
        assert_eq!(nested.of(claims.as_object().unwrap()), Some((Role::Viewer, vec![])));
        for (wrong, expected) in [
            (vec![], "needs --oidc-grant"),
            (vec!["staff"], "VALUE=ROLE"),
            (vec!["staff=boss"], "VALUE=ROLE"),
            (vec!["staff=region"], "which region"),
            (vec!["staff=viewer:3"], "role region alone"),
        ] {
            let error = grants(&wrong, "roles", None).unwrap_err().to_string();
            assert!(error.contains(expected), "{wrong:?}: {error}");
        }
    }
}
