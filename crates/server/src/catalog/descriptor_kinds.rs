//! Brands, units and tags: what each has besides a name, and which goods carry it.

use aisle_db::{FromQueryResult, Value};
use aisle_domain::catalog::Product;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::text;
use crate::{Error, Result};

use super::descriptor::Descriptor;

/// Longest name, in characters; the same as in sheets.
pub(super) const NAME_MAX: usize = 100;

/// A maker's name.
#[derive(Debug, Clone, FromQueryResult, Serialize, ToSchema)]
pub(super) struct Brand {
    id: i64,
    name: String,
}

/// What goods are counted in.
#[derive(Debug, Clone, FromQueryResult, Serialize, ToSchema)]
pub(super) struct Unit {
    id: i64,
    name: String,
    /// Sold by weight: fractions are allowed.
    weighed: bool,
}

/// A word put on goods.
#[derive(Debug, Clone, FromQueryResult, Serialize, ToSchema)]
pub(super) struct Tag {
    id: i64,
    name: String,
    /// `#rrggbb`, or empty.
    color: String,
}

/// Fields of a brand.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BrandFields {
    name: Option<String>,
}

/// Fields of a unit.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UnitFields {
    name: Option<String>,
    weighed: Option<bool>,
}

/// Fields of a tag.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TagFields {
    name: Option<String>,
    /// `#rrggbb`, or empty.
    color: Option<String>,
}

impl Descriptor for Brand {
    type Fields = BrandFields;
    const NOUN: &'static str = "brand";
    const TABLE: &'static str = "brands";
    const COLUMNS: &'static [&'static str] = &["name"];
    const ACTIONS: [&'static str; 3] = ["brand.create", "brand.change", "brand.delete"];
    const GOODS: (&'static str, &'static str) = ("brand_id = ", "");
    const COPIED: bool = false;
    const FALLS_OFF: bool = false;

    fn blank(id: i64) -> Brand {
        let name = String::new();
        Brand { id, name }
    }
    fn id(&self) -> i64 {
        self.id
    }
    fn name(&self) -> &str {
        &self.name
    }
    fn values(&self) -> Vec<Value> {
        vec![self.name.as_str().into()]
    }
    fn with(self, fields: BrandFields) -> Result<Brand> {
        let name = changed_name(self.name, fields.name)?;
        Ok(Brand { name, ..self })
    }
    fn carried(product: &Product) -> &[i64] {
        product.brand_id.as_slice()
    }
}

impl Descriptor for Unit {
    type Fields = UnitFields;
    const NOUN: &'static str = "unit";
    const TABLE: &'static str = "units";
    const COLUMNS: &'static [&'static str] = &["name", "weighed"];
    const ACTIONS: [&'static str; 3] = ["unit.create", "unit.change", "unit.delete"];
    const GOODS: (&'static str, &'static str) = ("unit_id = ", "");
    const COPIED: bool = true;
    const FALLS_OFF: bool = false;

    fn blank(id: i64) -> Unit {
        Unit {
            id,
            name: String::new(),
            weighed: false,
        }
    }
    fn id(&self) -> i64 {
        self.id
    }
    fn name(&self) -> &str {
        &self.name
    }
    fn values(&self) -> Vec<Value> {
        vec![self.name.as_str().into(), self.weighed.into()]
    }
    fn with(self, fields: UnitFields) -> Result<Unit> {
        Ok(Unit {
            id: self.id,
            name: changed_name(self.name, fields.name)?,
            weighed: fields.weighed.unwrap_or(self.weighed),
        })
    }
    fn carried(product: &Product) -> &[i64] {
        std::slice::from_ref(&product.unit_id)
    }
}

impl Descriptor for Tag {
    type Fields = TagFields;
    const NOUN: &'static str = "tag";
    const TABLE: &'static str = "tags";
    const COLUMNS: &'static [&'static str] = &["name", "color"];
    const ACTIONS: [&'static str; 3] = ["tag.create", "tag.change", "tag.delete"];
    const GOODS: (&'static str, &'static str) = (
        "id IN (SELECT product_id FROM product_tags WHERE tag_id = ",
        ")",
    );
    const COPIED: bool = false;
    const FALLS_OFF: bool = true;

    fn blank(id: i64) -> Tag {
        Tag {
            id,
            name: String::new(),
            color: String::new(),
        }
    }
    fn id(&self) -> i64 {
        self.id
    }
    fn name(&self) -> &str {
        &self.name
    }
    fn values(&self) -> Vec<Value> {
        vec![self.name.as_str().into(), self.color.as_str().into()]
    }
    fn with(self, fields: TagFields) -> Result<Tag> {
        Ok(Tag {
            id: self.id,
            name: changed_name(self.name, fields.name)?,
            color: color(fields.color.unwrap_or(self.color))?,
        })
    }
    fn carried(product: &Product) -> &[i64] {
        &product.tags
    }
}

fn changed_name(old: String, new: Option<String>) -> Result<String> {
    let name = match new {
        Some(new) => new,
        None => old,
    };
    text("name", &name, 1, NAME_MAX)
}

fn color(value: String) -> Result<String> {
    let hex = value.strip_prefix('#').unwrap_or_default();
    let is_color = hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    if value.is_empty() || is_color {
        Ok(value)
    } else {
        Err(Error::invalid("color", "#rrggbb or empty"))
    }
}
