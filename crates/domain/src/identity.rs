//! Who may do what: one table, role × permission.
//!
//! Promises: [`Role::may`] is total, so a new permission does not compile until every role has an
//! answer for it.

use serde::{Deserialize, Serialize};

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
        /// See today's figures.
        SalesRead = "sales.read",
        /// Set up stores.
        StoreManage = "store.manage",
        /// Enrol, rename and end tills.
        TerminalManage = "terminal.manage",
        /// See the operation log.
        LogRead = "log.read",
        /// Receive what happens as it happens.
        EventsRead = "events.read",
    }
}

define_names! {
    /// The part a person or device plays.
    Role {
        /// 系统管理员
        Admin = "admin",
        /// 店长
        Manager = "manager",
        /// 收银员
        Cashier = "cashier",
        /// 收银机
        Pos = "pos",
        /// 自助收银机
        Kiosk = "kiosk",
    }
}

impl Role {
    /// Whether this role holds `permission`.
    pub fn may(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Role::Admin => true,
            Role::Manager => match permission {
                P::CatalogRead
                | P::CatalogWrite
                | P::CatalogImport
                | P::CostRead
                | P::StockRead
                | P::StockAdjust
                | P::OrderSell
                | P::OrderRead
                | P::OrderCancel
                | P::SalesRead
                | P::TerminalManage
                | P::LogRead
                | P::EventsRead => true,
                P::StoreManage => false,
            },
            Role::Cashier | Role::Pos => match permission {
                P::CatalogRead
                | P::StockRead
                | P::OrderSell
                | P::OrderRead
                | P::OrderCancel
                | P::EventsRead => true,
                P::CatalogWrite
                | P::CatalogImport
                | P::CostRead
                | P::StockAdjust
                | P::SalesRead
                | P::StoreManage
                | P::TerminalManage
                | P::LogRead => false,
            },
            Role::Kiosk => match permission {
                P::CatalogRead | P::OrderSell | P::OrderRead | P::EventsRead => true,
                P::CatalogWrite
                | P::CatalogImport
                | P::CostRead
                | P::StockRead
                | P::StockAdjust
                | P::OrderCancel
                | P::SalesRead
                | P::StoreManage
                | P::TerminalManage
                | P::LogRead => false,
            },
        }
    }

    /// The permissions of this role.
    pub fn permissions(self) -> impl Iterator<Item = Permission> {
        Permission::ALL
            .iter()
            .copied()
            .filter(move |permission| self.may(*permission))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cashier_sees_no_cost_and_changes_no_goods() {
        for denied in [
            Permission::CostRead,
            Permission::CatalogWrite,
            Permission::StockAdjust,
        ] {
            assert!(!Role::Cashier.may(denied));
        }
    }

    #[test]
    fn names_are_read_back() {
        for permission in Permission::ALL {
            assert_eq!(Permission::parse(permission.as_str()), Some(*permission));
        }
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(*role));
        }
    }
}
