//! What somebody may do, and in which stores: their role's answers, looked up once for each token.

use aisle_db::{DbError, FromQueryResult, Source, Sql};
use aisle_domain::identity::{Grant, Grants, Permission, Role, Scope};
use aisle_domain::ids::StoreId;

use crate::Result;

/// What the name of a role of a shop's own begins with.
const CUSTOM: &str = "custom-";

/// What somebody may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rights {
    /// The name of a preset, or `custom-7`.
    pub role: String,
    /// What the shop calls a role of its own.
    pub role_name: Option<String>,
    /// The answers.
    pub grants: Grants,
    /// Where.
    pub stores: Stores,
}

/// Whose data somebody sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stores {
    /// Everybody's.
    All,
    /// These stores'.
    These(Vec<StoreId>),
}

impl Stores {
    /// Whether this store is among them.
    pub fn contains(&self, store: StoreId) -> bool {
        match self {
            Stores::All => true,
            Stores::These(stores) => stores.contains(&store),
        }
    }

    /// Whether nothing in `other` goes beyond these.
    pub fn covers(&self, other: &Stores) -> bool {
        match other {
            Stores::All => *self == Stores::All,
            Stores::These(stores) => stores.iter().all(|store| self.contains(*store)),
        }
    }
}

impl Rights {
    /// Those of a preset in one store.
    pub fn of(role: Role, home: StoreId) -> Rights {
        Rights {
            role: role.as_str().to_owned(),
            role_name: None,
            grants: role.grants(),
            stores: stores(role.scope(), home, Vec::new()),
        }
    }

    /// The same person, who may do nothing yet.
    pub fn with_nothing_allowed(self) -> Rights {
        Rights {
            grants: Grants::new(|_| Grant::Denied),
            ..self
        }
    }

    /// The permissions answered so.
    pub fn answered(&self, wanted: Grant) -> impl Iterator<Item = Permission> {
        self.grants
            .iter()
            .filter(move |(_, grant)| *grant == wanted)
            .map(|(permission, _)| permission)
    }

    /// Whether `other` goes nowhere beyond these: who holds these may hand `other` out.
    pub fn covers(&self, other: &Rights) -> bool {
        self.grants.covers(&other.grants) && self.stores.covers(&other.stores)
    }
}

/// A role as it is stored or built in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RoleRow {
    pub(super) role: String,
    pub(super) name: Option<String>,
    pub(super) scope: Scope,
    pub(super) grants: Grants,
}

#[derive(FromQueryResult)]
struct Stored {
    id: i64,
    name: String,
    scope: String,
    grants: String,
}

impl Stored {
    fn into_role(self) -> Result<RoleRow> {
        let bad = |column| DbError::BadRow {
            table: "roles",
            id: self.id.to_string(),
            column,
        };
        // A permission of a later version in a database that was taken back is not held.
        let answers: std::collections::BTreeMap<String, String> =
            serde_json::from_str(&self.grants).map_err(|_| bad("grants"))?;
        let known = answers
            .iter()
            .filter(|(permission, _)| Permission::parse(permission).is_some())
            .map(|(permission, grant)| (permission.as_str(), grant.as_str()));
        Ok(RoleRow {
            role: custom(self.id),
            scope: Scope::parse(&self.scope).ok_or_else(|| bad("scope"))?,
            grants: Grants::named(known).map_err(|_| bad("grants"))?,
            name: Some(self.name),
        })
    }
}

/// The stored name of a role of a shop's own.
pub(super) fn custom(id: i64) -> String {
    format!("{CUSTOM}{id}")
}

/// The id in such a name.
pub(super) fn custom_id(role: &str) -> Option<i64> {
    role.strip_prefix(CUSTOM)?.parse().ok()
}

/// A role by its stored name.
pub(super) async fn find_role(source: &impl Source, role: &str) -> Result<Option<RoleRow>> {
    if let Some(preset) = Role::parse(role) {
        return Ok(Some(preset_row(preset)));
    }
    let Some(id) = custom_id(role) else {
        return Ok(None);
    };
    let stored: Option<Stored> = Sql::new("SELECT id, name, scope, grants FROM roles WHERE id = ")
        .arg(id)
        .one(source)
        .await?;
    stored.map(Stored::into_role).transpose()
}

/// The roles of the shop's own.
pub(super) async fn custom_roles(source: &impl Source) -> Result<Vec<RoleRow>> {
    let rows: Vec<Stored> = Sql::new("SELECT id, name, scope, grants FROM roles ORDER BY id")
        .all(source)
        .await?;
    rows.into_iter().map(Stored::into_role).collect()
}

/// A built-in role.
pub(super) fn preset_row(role: Role) -> RoleRow {
    RoleRow {
        role: role.as_str().to_owned(),
        name: None,
        scope: role.scope(),
        grants: role.grants(),
    }
}

/// The rights of a person with this role, whose home is `home` and who sees `more` besides.
pub(super) fn rights(role: RoleRow, home: StoreId, more: Vec<StoreId>) -> Rights {
    Rights {
        stores: stores(role.scope, home, more),
        role: role.role,
        role_name: role.name,
        grants: role.grants,
    }
}

fn stores(scope: Scope, home: StoreId, mut more: Vec<StoreId>) -> Stores {
    match scope {
        Scope::All => Stores::All,
        Scope::Own => {
            if !more.contains(&home) {
                more.push(home);
            }
            more.sort_unstable();
            Stores::These(more)
        }
    }
}

/// Stores a person sees besides the home store.
pub(super) async fn more_stores(source: &impl Source, user: i64) -> Result<Vec<StoreId>> {
    #[derive(FromQueryResult)]
    struct Row {
        store_id: i64,
    }
    let rows: Vec<Row> = Sql::new("SELECT store_id FROM user_stores WHERE user_id = ")
        .arg(user)
        .push(" ORDER BY store_id")
        .all(source)
        .await?;
    Ok(rows.into_iter().map(|row| StoreId(row.store_id)).collect())
}
