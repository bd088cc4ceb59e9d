//! Who asks, and whether they may: [`Can<P>`] in a handler's arguments is the permission check.
//!
//! Promises: a handler that takes `Can<right::Sell>` is never run for anybody without that right; a
//! revoked token ends at once on this server and within five seconds on others.

use std::marker::PhantomData;
use std::sync::Arc;

use aisle_domain::identity::{Permission, Role};
use aisle_domain::ids::{StoreId, TerminalId, UserId};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};

use crate::{App, Error, Result, codes};

/// The header a till page names its device with, beside the cashier's session.
const TERMINAL_HEADER: &str = "x-aisle-terminal";
/// Lets a person who sees all stores look at another one.
const STORE_HEADER: &str = "x-aisle-store";

/// A person who signed in.
#[derive(Debug, Clone)]
pub struct User {
    /// Identity.
    pub id: UserId,
    /// Sign-in name.
    pub username: String,
    /// Name on receipts.
    pub name: String,
    /// Part played.
    pub role: Role,
    /// Home store.
    pub store_id: StoreId,
}

/// An enrolled device.
#[derive(Debug, Clone)]
pub struct Terminal {
    /// Identity.
    pub id: TerminalId,
    /// Number inside its store, printed on receipts.
    pub no: i64,
    /// What people call it.
    pub name: String,
    /// `pos` or `kiosk`.
    pub kind: String,
    /// Its store.
    pub store_id: StoreId,
}

/// Who asks.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The person, when one signed in.
    pub user: Option<Arc<User>>,
    /// The device, when the request comes from one.
    pub terminal: Option<Arc<Terminal>>,
    /// The store all of it is about.
    pub store_id: StoreId,
    /// The part that decides what is allowed.
    pub role: Role,
}

impl Actor {
    /// The name to write into records.
    pub fn name(&self) -> &str {
        match (&self.user, &self.terminal) {
            (Some(user), _) => &user.username,
            (None, Some(terminal)) => &terminal.name,
            (None, None) => "system",
        }
    }

    /// The name to show to customers.
    pub fn title(&self) -> &str {
        match &self.user {
            Some(user) if !user.name.is_empty() => &user.name,
            _ => self.name(),
        }
    }

    /// Whether this permission is held.
    pub fn may(&self, permission: Permission) -> bool {
        self.role.may(permission)
    }

    /// The device, or the refusal that says one is needed.
    pub fn terminal(&self) -> Result<&Arc<Terminal>> {
        self.terminal
            .as_ref()
            .ok_or_else(|| Error::code(&codes::TERMINAL_REQUIRED))
    }
}

/// A permission as a type.
pub trait Right {
    /// Which.
    const PERMISSION: Permission;
}

/// The rights handlers ask for.
pub mod right {
    use super::{Permission, Right};

    macro_rules! rights {
        ($($name:ident),+ $(,)?) => {$(
            #[doc = concat!("Asks for `Permission::", stringify!($name), "`.")]
            #[derive(Debug)]
            pub struct $name;
            impl Right for $name {
                const PERMISSION: Permission = Permission::$name;
            }
        )+};
    }

    rights!(
        CatalogRead,
        CatalogWrite,
        CatalogImport,
        StockRead,
        StockAdjust,
        OrderSell,
        OrderRead,
        OrderCancel,
        SalesRead,
        StoreManage,
        TerminalManage,
        LogRead,
        EventsRead,
    );
}

/// The actor, who holds `P`.
#[derive(Debug)]
pub struct Can<P> {
    /// Who.
    pub actor: Actor,
    right: PhantomData<P>,
}

impl<P> Can<P> {
    /// The store all of it is about.
    pub fn store_id(&self) -> StoreId {
        self.actor.store_id
    }
}

impl<P: Right> FromRequestParts<App> for Can<P> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Can<P>> {
        let actor = Actor::from_request_parts(parts, app).await?;
        if !actor.may(P::PERMISSION) {
            return Err(Error::with(
                &codes::DENIED,
                vec![serde_json::json!({ "permission": P::PERMISSION.as_str() })],
            ));
        }
        Ok(Can {
            actor,
            right: PhantomData,
        })
    }
}

impl FromRequestParts<App> for Actor {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Actor> {
        refuse_cross_origin(parts)?;
        let unauthenticated = || Error::code(&codes::UNAUTHENTICATED);
        let token = bearer_token(&parts.headers)
            .or_else(|| cookie(&parts.headers))
            .or_else(|| header_text(&parts.headers, TERMINAL_HEADER))
            .ok_or_else(unauthenticated)?;
        let mut actor = app
            .identity
            .find_actor(app, token)
            .await?
            .ok_or_else(unauthenticated)?;
        if actor.terminal.is_none()
            && let Some(device) = header_text(&parts.headers, TERMINAL_HEADER)
        {
            join_terminal(app, &mut actor, device).await?;
        }
        if actor.role == Role::Admin
            && actor.terminal.is_none()
            && let Some(store) = header_text(&parts.headers, STORE_HEADER)
        {
            actor.store_id = StoreId(store.parse().map_err(|_| unauthenticated())?);
        }
        if let Some(terminal) = &actor.terminal
            && !app.device_limiter.admits(terminal.id)
        {
            return Err(Error::code(&codes::TOO_MANY_REQUESTS));
        }
        Ok(actor)
    }
}

/// A cashier works at the till: the till's store counts, the person's rights count.
async fn join_terminal(app: &App, actor: &mut Actor, device: &str) -> Result<()> {
    let found = app.identity.find_actor(app, device).await?;
    let Some(terminal) = found.and_then(|found| found.terminal) else {
        return Err(Error::code(&codes::UNAUTHENTICATED));
    };
    if actor.role != Role::Admin && terminal.store_id != actor.store_id {
        return Err(Error::code(&codes::DENIED));
    }
    actor.store_id = terminal.store_id;
    actor.terminal = Some(terminal);
    Ok(())
}

fn refuse_cross_origin(parts: &Parts) -> Result<()> {
    if parts.method.is_safe() {
        return Ok(());
    }
    refuse_cross_origin_headers(&parts.headers)
}

/// A browser names the page that asks; one of another site may not change anything.
pub fn refuse_cross_origin_headers(headers: &HeaderMap) -> Result<()> {
    let Some(origin) = header_text(headers, "origin") else {
        return Ok(());
    };
    let host = header_text(headers, "host").unwrap_or_default();
    let same = origin
        .split_once("://")
        .is_some_and(|(_, origin_host)| origin_host == host);
    if same {
        Ok(())
    } else {
        Err(Error::code(&codes::CROSS_ORIGIN))
    }
}

/// The token behind `Authorization: Bearer`.
pub fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    header_text(headers, header::AUTHORIZATION.as_str())?.strip_prefix("Bearer ")
}

/// The session token in the cookie.
pub fn cookie(headers: &HeaderMap) -> Option<&str> {
    header_text(headers, header::COOKIE.as_str())?
        .split(';')
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == "__Host-aisle" || *name == "aisle")
        .map(|(_, value)| value)
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
