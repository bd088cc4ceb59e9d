//! Who may do what: one table, role × permission, each answer allowed, needs approval or denied.
//!
//! Promises: the table is total, so a new permission does not compile until every role has an answer
//! for it; nobody can give away more than they hold ([`Grants::covers`]).

mod attempts;
mod enrolment;
mod role;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use attempts::{Attempts, Limit};
pub use enrolment::EnrolmentCode;
pub use role::{Role, Scope};

macro_rules! define_names {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant,)+ }

        impl $name {
            /// Every value.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The name in storage and on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)+ }
            }

            /// The value with this name.
            pub fn parse(name: &str) -> Option<$name> {
                match name { $($text => Some($name::$variant),)+ _ => None }
            }
        }
    };
}

pub(crate) use define_names;

define_names! {
    /// What a person or device may be allowed to do.
    Permission {
        /// See goods, categories, prices.
        CatalogRead = "catalog.read",
        /// Create and change goods and what describes them.
        CatalogWrite = "catalog.write",
        /// Load goods from files, undo a load.
        CatalogImport = "catalog.import",
        /// See what goods cost.
        CostRead = "cost.read",
        /// See stock and its history.
        StockRead = "stock.read",
        /// Change stock by hand, with a reason.
        StockAdjust = "stock.adjust",
        /// Sell.
        OrderSell = "order.sell",
        /// See orders.
        OrderRead = "order.read",
        /// Cancel an unpaid order.
        OrderCancel = "order.cancel",
        /// Take goods back and pay their money back.
        OrderReturn = "order.return",
        /// See money nobody is certain of, and find payments.
        PaymentRead = "payment.read",
        /// Decide by hand what becomes of money in doubt.
        PaymentSettle = "payment.settle",
        /// Set up payment channels and their keys.
        PaymentManage = "payment.manage",
        /// Take goods back without a receipt and pay for them in cash.
        OrderReturnBlind = "order.return_blind",
        /// Give goods another price for one sale.
        PriceOverride = "price.override",
        /// Open the cash drawer without a sale.
        DrawerOpen = "drawer.open",
        /// See today's figures.
        SalesRead = "sales.read",
        /// Set up stores.
        StoreManage = "store.manage",
        /// Enrol, rename and end tills.
        TerminalManage = "terminal.manage",
        /// Add people, change them and end their sessions.
        UserManage = "user.manage",
        /// See a person's phone number whole; each time is written down.
        PersonalReveal = "personal.reveal",
        /// Make and change roles.
        RoleManage = "role.manage",
        /// See the operation log.
        LogRead = "log.read",
        /// Receive what happens as it happens.
        EventsRead = "events.read",
    }
}

define_names! {
    /// The answer of a role to a permission.
    Grant {
        /// No.
        Denied = "denied",
        /// Only when a second person, who holds it, agrees each time.
        Approval = "approval",
        /// Yes.
        Allowed = "allowed",
    }
}

/// An answer for every permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Grants {
    of: BTreeMap<Permission, Grant>,
}

impl Grants {
    /// The answers of `answer`.
    pub fn new(answer: impl Fn(Permission) -> Grant) -> Grants {
        let of = Permission::ALL
            .iter()
            .map(|permission| (*permission, answer(*permission)));
        Grants { of: of.collect() }
    }

    /// Everything is denied but what is named.
    pub fn named<'a>(
        answers: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Grants, UnknownName> {
        let mut grants = Grants::new(|_| Grant::Denied);
        for (permission, grant) in answers {
            let unknown = || UnknownName(format!("{permission}: {grant}"));
            let permission = Permission::parse(permission).ok_or_else(unknown)?;
            grants
                .of
                .insert(permission, Grant::parse(grant).ok_or_else(unknown)?);
        }
        Ok(grants)
    }

    /// The answer to one.
    pub fn get(&self, permission: Permission) -> Grant {
        self.of.get(&permission).copied().unwrap_or(Grant::Denied)
    }

    /// Every permission with its answer.
    pub fn iter(&self) -> impl Iterator<Item = (Permission, Grant)> {
        Permission::ALL
            .iter()
            .map(|permission| (*permission, self.get(*permission)))
    }

    /// Whether nothing in `other` goes beyond these.
    pub fn covers(&self, other: &Grants) -> bool {
        other
            .iter()
            .all(|(permission, grant)| grant <= self.get(permission))
    }
}

/// A permission or an answer nobody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for permission in Permission::ALL {
            assert_eq!(Permission::parse(permission.as_str()), Some(*permission));
        }
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(*role));
        }
    }

    #[test]
    fn who_may_only_with_approval_gives_no_more_than_that() {
        let cashier = Role::Cashier.grants();
        let asked = Grants::named([("drawer.open", "approval")]).unwrap();
        let free = Grants::named([("drawer.open", "allowed")]).unwrap();
        assert!(cashier.covers(&asked));
        assert!(!cashier.covers(&free));
        assert!(Role::Admin.grants().covers(&cashier));
        assert!(!cashier.covers(&Role::Manager.grants()));
    }

    #[test]
    fn an_unknown_permission_is_refused_and_not_denied_in_silence() {
        assert!(Grants::named([("moon.visit", "allowed")]).is_err());
        assert!(Grants::named([("order.sell", "perhaps")]).is_err());
    }
}
