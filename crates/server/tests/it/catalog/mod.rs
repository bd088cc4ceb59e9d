mod bulk;
mod categories;
mod descriptors;
mod export;
mod imports;
mod pictures;
mod products;
mod scan;
