//! The parts people and devices play, and what each may do before a shop makes roles of its own.

use serde::{Deserialize, Serialize};

use super::{Grant, Grants, Permission, define_names};

define_names! {
    /// The part a person or device plays.
    Role {
        /// 系统管理员
        Admin = "admin",
        /// 老板/总部
        Owner = "owner",
        /// 店长
        Manager = "manager",
        /// 收银组长
        HeadCashier = "head_cashier",
        /// 收银员
        Cashier = "cashier",
        /// 理货/仓管
        Clerk = "clerk",
        /// 采购
        Buyer = "buyer",
        /// 财务
        Accountant = "accountant",
        /// 营销
        Marketer = "marketer",
        /// 只读审计
        Auditor = "auditor",
        /// 收银机
        Pos = "pos",
        /// 自助收银机
        Kiosk = "kiosk",
    }
}

define_names! {
    /// Whose data a role sees.
    Scope {
        /// The person's own store, and those named beside it.
        Own = "own",
        /// Every store.
        All = "all",
    }
}

impl Role {
    /// Whether this is played by a device and never by a person.
    pub fn is_device(self) -> bool {
        matches!(self, Role::Pos | Role::Kiosk)
    }

    /// Whose data it sees.
    pub fn scope(self) -> Scope {
        match self {
            Role::Admin
            | Role::Owner
            | Role::Buyer
            | Role::Accountant
            | Role::Marketer
            | Role::Auditor => Scope::All,
            Role::Manager
            | Role::HeadCashier
            | Role::Cashier
            | Role::Clerk
            | Role::Pos
            | Role::Kiosk => Scope::Own,
        }
    }

    /// Its answer to one permission.
    pub fn grant(self, permission: Permission) -> Grant {
        match row(permission).as_bytes()[self as usize] {
            b'A' => Grant::Allowed,
            b'?' => Grant::Approval,
            _ => Grant::Denied,
        }
    }

    /// All its answers.
    pub fn grants(self) -> Grants {
        Grants::new(|permission| self.grant(permission))
    }
}

/// One letter for each role, in the order above: `A` allowed, `?` needs approval, `-` denied.
#[rustfmt::skip]
fn row(permission: Permission) -> &'static str {
    use Permission as P;
    match permission {
        //                      admin, owner, manager | head cashier, cashier, clerk |
        //                      buyer, accountant, marketer, auditor | pos, kiosk
        P::CatalogRead =>    concat!("AAA", "AAA", "AAAA", "AA"),
        P::CatalogWrite =>   concat!("AAA", "---", "A---", "--"),
        P::CatalogImport =>  concat!("AAA", "---", "A---", "--"),
        P::CostRead =>       concat!("AAA", "---", "AA-A", "--"),
        P::StockRead =>      concat!("AAA", "AAA", "AAAA", "A-"),
        P::StockAdjust =>    concat!("AAA", "--A", "----", "--"),
        P::OrderSell =>      concat!("AAA", "AA-", "----", "AA"),
        P::OrderRead =>      concat!("AAA", "AA-", "-AAA", "AA"),
        P::OrderCancel =>    concat!("AAA", "A?-", "----", "--"),
        P::OrderReturn =>    concat!("AAA", "A?-", "----", "--"),
        P::PaymentRead =>    concat!("AAA", "A--", "-A-A", "--"),
        P::PaymentSettle =>  concat!("AAA", "?--", "-A--", "--"),
        P::PaymentManage =>  concat!("AA-", "---", "----", "--"),
        P::OrderReturnBlind => concat!("AAA", "A?-", "----", "--"),
        P::PriceOverride =>  concat!("AAA", "A?-", "----", "--"),
        P::DrawerOpen =>     concat!("AAA", "A?-", "----", "--"),
        P::SalesRead =>      concat!("AAA", "A--", "AAAA", "--"),
        P::StoreManage =>    concat!("AA-", "---", "----", "--"),
        P::TerminalManage => concat!("AAA", "---", "----", "--"),
        P::UserManage =>     concat!("AAA", "---", "----", "--"),
        P::PersonalReveal => concat!("AAA", "---", "----", "--"),
        P::RoleManage =>     concat!("AA-", "---", "----", "--"),
        P::LogRead =>        concat!("AAA", "---", "-A-A", "--"),
        P::EventsRead =>     concat!("AAA", "AAA", "AAAA", "AA"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_one_letter_for_each_role() {
        for permission in Permission::ALL {
            let row = row(*permission);
            assert_eq!(row.len(), Role::ALL.len(), "{permission:?}");
            assert!(row.bytes().all(|letter| b"A?-".contains(&letter)));
        }
    }

    #[test]
    fn a_cashier_sees_no_cost_and_changes_no_goods() {
        for denied in [
            Permission::CostRead,
            Permission::CatalogWrite,
            Permission::StockAdjust,
        ] {
            assert_eq!(Role::Cashier.grant(denied), Grant::Denied);
        }
    }

    #[test]
    fn what_a_cashier_needs_approval_for_somebody_in_the_store_may_approve() {
        for permission in Permission::ALL {
            if Role::Cashier.grant(*permission) == Grant::Approval {
                assert_eq!(Role::HeadCashier.grant(*permission), Grant::Allowed);
            }
        }
    }

    #[test]
    fn an_auditor_changes_nothing() {
        let reads = [
            "catalog.read",
            "cost.read",
            "stock.read",
            "order.read",
            "payment.read",
            "sales.read",
            "log.read",
            "events.read",
        ];
        for (permission, grant) in Role::Auditor.grants().iter() {
            assert_eq!(
                grant == Grant::Allowed,
                reads.contains(&permission.as_str())
            );
        }
    }
}
