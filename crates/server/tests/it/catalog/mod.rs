mod imports;
mod products;
mod scan;
