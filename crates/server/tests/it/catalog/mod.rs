mod bulk;
mod categories;
mod descriptors;
mod export;
mod imports;
pub(crate) mod pictures;
mod products;
mod scan;
mod stores;
