//! Who asks, and whether they may: [`Can<P>`] in a handler's arguments is the permission check.
//!
//! Promises: a handler that takes `Can<right::Sell>` is never run for anybody without that right; a
//! revoked token ends at once on this server and within five seconds on others.

use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use aisle_domain::identity::{Grant, Permission, Role};
use aisle_domain::ids::{StoreId, TerminalId, UserId};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use uuid::Uuid;

use crate::clock::new_uuid;
use crate::identity::{self, Rights, Stores};
use crate::{App, Error, Result, codes};

use super::address::Address;
use super::cookie::cookie;

/// The header a till page names its device with, beside the cashier's session.
const TERMINAL_HEADER: &str = "x-aisle-terminal";
/// Lets a person who sees all stores look at another one.
const STORE_HEADER: &str = "x-aisle-store";
/// Names the approval of a second person.
const APPROVAL_HEADER: &str = "x-aisle-approval";
/// Says that a page asks by itself, with nobody before it.
const UNATTENDED_HEADER: &str = "x-aisle-unattended";

/// A person who signed in.
#[derive(Debug, Clone)]
pub struct User {
    /// Identity.
    pub id: UserId,
    /// Sign-in name.
    pub username: String,
    /// Name on receipts.
    pub name: String,
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
    /// What is allowed.
    pub rights: Arc<Rights>,
    /// The second person who agreed to what is asked, by name.
    pub approver: Option<String>,
    /// That person's yes.
    pub approval: Option<Uuid>,
    /// The session, when a person signed in.
    pub session: Option<Session>,
    /// Nothing is allowed until this person has set up a second factor.
    pub lacks_second_factor: bool,
}

/// What a person's token stands for.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its name; the token itself is known to the person alone.
    pub id: Uuid,
    /// The only device it is good at.
    pub terminal: Option<TerminalId>,
    /// When its last use was noted, in milliseconds; shared by all who remember it.
    pub last_seen: Arc<AtomicI64>,
}

impl Actor {
    /// This program itself, which may do everything in this store.
    pub fn system(store_id: StoreId) -> Actor {
        Actor {
            user: None,
            terminal: None,
            store_id,
            rights: Rights::of(Role::Admin, store_id).into(),
            approver: None,
            approval: None,
            session: None,
            lacks_second_factor: false,
        }
    }

    /// Who asks, by the tokens in the headers.
    pub async fn of(headers: &HeaderMap, app: &App) -> Result<Actor> {
        let unauthenticated = || Error::code(&codes::UNAUTHENTICATED);
        let token = bearer_token(headers)
            .or_else(|| cookie(headers))
            .or_else(|| header_text(headers, TERMINAL_HEADER))
            .ok_or_else(unauthenticated)?;
        let mut actor = app
            .identity
            .find_actor(app, token)
            .await?
            .ok_or_else(unauthenticated)?;
        if actor.terminal.is_none()
            && let Some(device) = header_text(headers, TERMINAL_HEADER)
        {
            join_terminal(app, &mut actor, device).await?;
        }
        actor.ensure_at_its_device()?;
        if actor.terminal.is_none()
            && let Some(store) = header_text(headers, STORE_HEADER)
        {
            let wanted = store.parse().map(StoreId).map_err(|_| unauthenticated())?;
            if !actor.sees(wanted) || app.catalogue.store(wanted).is_none() {
                return Err(Error::code(&codes::NOT_FOUND));
            }
            actor.store_id = wanted;
        }
        Ok(actor)
    }

    /// A session that began at a device is worth nothing without that device.
    fn ensure_at_its_device(&self) -> Result<()> {
        let bound = self.session.as_ref().and_then(|session| session.terminal);
        let here = self.terminal.as_ref().map(|terminal| terminal.id);
        if bound.is_some() && bound != here {
            return Err(Error::code(&codes::UNAUTHENTICATED));
        }
        Ok(())
    }

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

    /// Whether this store's data may be seen.
    pub fn sees(&self, store: StoreId) -> bool {
        self.rights.stores.contains(store)
    }

    /// Whether every store's data may be seen.
    pub fn sees_all_stores(&self) -> bool {
        self.rights.stores == Stores::All
    }

    /// Whether this permission is held.
    pub fn may(&self, permission: Permission) -> bool {
        self.rights.grants.get(permission) == Grant::Allowed
    }

    /// The person, or the refusal that says one is needed.
    pub fn person(&self) -> Result<&Arc<User>> {
        self.user
            .as_ref()
            .ok_or_else(|| Error::code(&codes::UNAUTHENTICATED))
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
        OrderReturn,
        PaymentRead,
        PaymentSettle,
        PaymentManage,
        OrderReturnBlind,
        PriceOverride,
        SalesRead,
        StoreManage,
        TerminalManage,
        DrawerOpen,
        UserManage,
        PersonalReveal,
        RoleManage,
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
        let mut actor = Actor::from_request_parts(parts, app).await?;
        let denied = |code| {
            let permission = P::PERMISSION.as_str();
            Error::with(code, vec![serde_json::json!({ "permission": permission })])
        };
        match actor.rights.grants.get(P::PERMISSION) {
            // Some deeds need a second person whoever does them; where one agreed it is known.
            Grant::Allowed if parts.headers.contains_key(APPROVAL_HEADER) => {
                actor.take_approval(parts, app, P::PERMISSION).await?;
            }
            Grant::Allowed => {}
            Grant::Denied if actor.lacks_second_factor => {
                return Err(denied(&codes::SECOND_FACTOR_REQUIRED));
            }
            Grant::Denied => return Err(denied(&codes::DENIED)),
            Grant::Approval => {
                if !actor.take_approval(parts, app, P::PERMISSION).await? {
                    return Err(denied(&codes::APPROVAL_NEEDED));
                }
            }
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
        let network = Address::from_request_parts(parts, app).await?.network();
        let actor = match Actor::of(&parts.headers, app).await {
            Err(error) => {
                app.limits.count_stranger(network)?;
                return Err(error);
            }
            Ok(actor) => actor,
        };
        app.limits.count(&actor, network)?;
        let is_attended = !parts.headers.contains_key(UNATTENDED_HEADER);
        if let Some(session) = actor.session.as_ref().filter(|_| is_attended) {
            identity::note_use(app, session).await?;
        }
        Ok(actor)
    }
}

impl Actor {
    /// Takes the second person's yes that came with the call, or that this call has used before; whether
    /// there is one that is good for it.
    async fn take_approval(
        &mut self,
        parts: &Parts,
        app: &App,
        permission: Permission,
    ) -> Result<bool> {
        let deed = deed(&parts.method, parts.uri.path());
        let named = header_text(&parts.headers, APPROVAL_HEADER).and_then(|id| id.parse().ok());
        let Some(yes) = identity::use_approval(app, self, permission, named, &deed).await? else {
            return Ok(false);
        };
        self.approver = Some(yes.approver);
        self.approval = Some(yes.id);
        Ok(true)
    }
}

/// What an approval is used for. A call about a named thing may be sent again, since it has one effect;
/// every other call is a deed of its own.
fn deed(method: &Method, path: &str) -> String {
    let names_a_thing = path.split('/').any(|part| Uuid::parse_str(part).is_ok());
    if names_a_thing {
        format!("{method} {path}")
    } else {
        format!("{method} {path} {}", new_uuid())
    }
}

/// A cashier works at the till: the till's store counts, the person's rights count.
async fn join_terminal(app: &App, actor: &mut Actor, device: &str) -> Result<()> {
    let found = app.identity.find_actor(app, device).await?;
    let Some(terminal) = found.and_then(|found| found.terminal) else {
        return Err(Error::code(&codes::UNAUTHENTICATED));
    };
    if !actor.sees(terminal.store_id) {
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

/// The token of the device that asks beside a person.
pub fn device_token(headers: &HeaderMap) -> Option<&str> {
    header_text(headers, TERMINAL_HEADER)
}

/// The token behind `Authorization: Bearer`.
pub fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    header_text(headers, header::AUTHORIZATION.as_str())?.strip_prefix("Bearer ")
}

/// A header as text.
pub(super) fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
