//! Who is let in: the token of an installed app with the right signature, hash and age, and a scope that covers the call.

use serde_json::Value;

use super::super::qsh::qsh;
use super::super::site::Site;
use super::super::time::now_s;
use super::super::tokens::verify_hs256;
use super::answer::{Answer, Call};

/// Clocks may differ by so much.
const LEEWAY_S: i64 = 30;

/// Lets the call in, or says why not.
pub(crate) fn admit(site: &Site, call: &Call) -> Result<(), Answer> {
    if call.by_gateway {
        return super::super::bearers::admit(site, call);
    }
    let refused = |message: &str| Err(Answer::refused(401, message));
    let Some(token) = call.authorization.as_deref().and_then(|header| header.strip_prefix("JWT ")) else {
        return refused("Client must be authenticated to access this resource.");
    };
    let Some(app) = site.installation() else {
        return refused("Unauthorized; no app with this key is installed");
    };
    let claims = match verify_hs256(token, &app.shared_secret) {
        Ok(claims) => claims,
        Err(reason) => return refused(&format!("Unauthorized; {reason}")),
    };
    if claims.get("iss").and_then(Value::as_str) != Some(app.app_key.as_str()) {
        return refused("Unauthorized; the issuer is not the key of an installed app");
    }
    if let Err(reason) = check_times(&claims) {
        return refused(reason);
    }
    if claims.get("qsh").and_then(Value::as_str) != Some(qsh(&call.method, &call.path, &call.query).as_str()) {
        return refused("Unauthorized; the query string hash does not match");
    }
    if !app.enabled && call.method != "GET" {
        return refused("Unauthorized; the app is disabled");
    }
    if call.method == "GET" && !call.body.is_empty() {
        return Err(Answer::refused(400, "A GET request must not have a body"));
    }
    let scope = needed_scope(call);
    if !app.has_scope(scope) {
        return Err(Answer::refused(403, &format!("The app does not have the {scope} scope that this call needs")));
    }
    Ok(())
}

fn check_times(claims: &Value) -> Result<(), &'static str> {
    let seconds = |name: &str| claims.get(name).and_then(Value::as_i64);
    let (Some(issued), Some(expires)) = (seconds("iat"), seconds("exp")) else {
        return Err("Unauthorized; iat and exp must be given, in seconds");
    };
    if expires < now_s() - LEEWAY_S {
        return Err("Unauthorized; the token has expired");
    }
    if issued > now_s() + LEEWAY_S || issued > expires {
        return Err("Unauthorized; the token was issued in the future");
    }
    Ok(())
}

/// As the OpenAPI file gives it for the operations of the route table.
fn needed_scope(call: &Call) -> &'static str {
    let reads_by_post = call.path.ends_with("/permissions/check") || call.path.contains("/search");
    match call.method.as_str() {
        "GET" => "READ",
        "POST" if reads_by_post => "READ",
        "DELETE" => "DELETE",
        _ => "WRITE",
    }
}
