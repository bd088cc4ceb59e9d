//! The fields of the sheet and every header they are known by.

/// A field of the product sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    Code,
    Barcode,
    ExtraBarcodes,
    Name,
    ShortName,
    Mnemonic,
    Spec,
    Brand,
    Category,
    Unit,
    Supplier,
    Origin,
    Note,
    Tags,
    Price,
    Cost,
    MemberPrice,
    FloorPrice,
    TaxRate,
    ShelfLife,
    SafetyStock,
    Weighed,
    State,
    CartonUnit,
    CartonBarcode,
    CartonRatio,
    CartonPrice,
}

impl Field {
    /// The field's name in our own sheets and in errors.
    pub fn key(self) -> &'static str {
        match self {
            Field::Code => "code",
            Field::Barcode => "barcode",
            Field::ExtraBarcodes => "extra_barcodes",
            Field::Name => "name",
            Field::ShortName => "short_name",
            Field::Mnemonic => "mnemonic",
            Field::Spec => "spec",
            Field::Brand => "brand",
            Field::Category => "category",
            Field::Unit => "unit",
            Field::Supplier => "supplier",
            Field::Origin => "origin",
            Field::Note => "note",
            Field::Tags => "tags",
            Field::Price => "price",
            Field::Cost => "cost",
            Field::MemberPrice => "member_price",
            Field::FloorPrice => "floor_price",
            Field::TaxRate => "tax_rate",
            Field::ShelfLife => "shelf_life_days",
            Field::SafetyStock => "safety_stock",
            Field::Weighed => "weighed",
            Field::State => "state",
            Field::CartonUnit => "carton_unit",
            Field::CartonBarcode => "carton_barcode",
            Field::CartonRatio => "carton_ratio",
            Field::CartonPrice => "carton_price",
        }
    }
}

/// The headers of the opening stock of the store's own location.
pub(super) const STOCK_HEADERS: &[&str] = &[
    "期初库存",
    "库存",
    "库存数量",
    "stock",
    "openingstock",
    "quantity",
];

/// Columns of our own export that only show something; passed over without a warning.
pub(super) const READ_ONLY_HEADERS: &[&str] = &[
    "商品id",
    "可售数量",
    "更新时间",
    "productid",
    "available",
    "updatedat",
];

/// The field a header stands for, and how good the header is: 0 is the best.
pub(super) fn field_of(key: &str) -> Option<(Field, usize)> {
    HEADERS.iter().find_map(|(field, names)| {
        let rank = names.iter().position(|name| *name == key)?;
        Some((*field, rank))
    })
}

/// Every header in the table, for the tests.
#[cfg(test)]
pub(super) fn all_headers() -> Vec<&'static str> {
    HEADERS
        .iter()
        .flat_map(|(_, names)| names.iter().copied())
        .collect()
}

// Our own English header first, which is also the field's name in errors; then the others, the
// better one first: 零售价 is read rather than 销售价 where a jshERP sheet has both. Headers are
// listed as they are compared: lower case, without blanks, `*`, `_`, `-` and a unit in brackets.
const HEADERS: &[(Field, &[&str])] = &[
    (
        Field::Code,
        &[
            "code",
            "商品编码",
            "商品编号",
            "编码",
            "货号",
            "店内码",
            "自编码",
            "plu码",
            "plu",
            "itemcode",
            "sku",
        ],
    ),
    (
        Field::Barcode,
        &[
            "barcode",
            "基本条码",
            "国际条码",
            "商品条码",
            "主条码",
            "条形码",
            "条码",
            "ean",
        ],
    ),
    (
        Field::ExtraBarcodes,
        &[
            "extrabarcodes",
            "其他条码",
            "附加条码",
            "副条码",
            "otherbarcodes",
        ],
    ),
    (
        Field::Name,
        &[
            "name",
            "名称",
            "商品名称",
            "品名",
            "itemname",
            "productname",
        ],
    ),
    (Field::ShortName, &["shortname", "简称", "商品简称"]),
    (Field::Mnemonic, &["mnemonic", "助记码"]),
    (Field::Spec, &["spec", "规格", "specification"]),
    (Field::Brand, &["brand", "品牌"]),
    (Field::Category, &["category", "类别", "分类", "商品分类"]),
    (Field::Unit, &["unit", "基本单位", "单位"]),
    (
        Field::Supplier,
        &[
            "supplier",
            "供应商",
            "供应商名称",
            "主供应商",
            "suppliername",
        ],
    ),
    (Field::Origin, &["origin", "产地"]),
    (
        Field::Note,
        &["note", "备注", "说明", "description", "remark"],
    ),
    (Field::Tags, &["tags", "标签", "商品标签"]),
    (
        Field::Price,
        &[
            "price",
            "零售价",
            "售价",
            "销售价",
            "单价",
            "unitprice",
            "retailprice",
        ],
    ),
    (
        Field::Cost,
        &[
            "cost",
            "进价",
            "采购价",
            "成本价",
            "costprice",
            "purchaseprice",
        ],
    ),
    (Field::MemberPrice, &["memberprice", "会员价"]),
    (Field::FloorPrice, &["floorprice", "最低售价", "最低价"]),
    (
        Field::TaxRate,
        &["taxrate", "税率", "销项税率", "tax1percent", "taxpercent"],
    ),
    (
        Field::ShelfLife,
        &["shelflifedays", "保质期", "保质期天数", "shelflife"],
    ),
    (
        Field::SafetyStock,
        &[
            "safetystock",
            "安全库存",
            "库存下限",
            "库存预警",
            "reorderlevel",
        ],
    ),
    (Field::Weighed, &["weighed", "称重", "是否称重", "计重"]),
    (Field::State, &["state", "状态", "商品状态", "status"]),
    (
        Field::CartonUnit,
        &["cartonunit", "箱单位", "大包装单位", "副单位"],
    ),
    (
        Field::CartonBarcode,
        &["cartonbarcode", "箱条码", "箱码", "整箱条码", "大包装条码"],
    ),
    (
        Field::CartonRatio,
        &[
            "cartonratio",
            "箱规",
            "箱含量",
            "装箱数",
            "比例",
            "cartonqty",
        ],
    ),
    (
        Field::CartonPrice,
        &["cartonprice", "箱价", "整箱价", "大包装售价"],
    ),
];
