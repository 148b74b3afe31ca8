//! Provinces and communes, found without regard to accents (Hoà, Hòa, Hoa).

use crate::datafile::DataProblem;
use crate::text::fold;

const COMMUNES_FILE: &str = "data/communes.csv";
const PROVINCES_FILE: &str = "data/provinces.csv";
const COMMUNES: &str = include_str!("../../../data/communes.csv");
const PROVINCES: &str = include_str!("../../../data/provinces.csv");

/// One commune of the province.
#[derive(Debug, Clone, PartialEq)]
pub struct Commune {
    /// Official code.
    pub code: String,
    /// Full name, such as `Xã Tuy An Bắc`.
    pub full_name: String,
    /// Latitude of its centre, degrees.
    pub latitude: f64,
    /// Longitude of its centre, degrees.
    pub longitude: f64,
    folded: String,
}

/// One province.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Province {
    /// Official code.
    pub code: String,
    /// Full name, such as `Tỉnh Đắk Lắk`.
    pub full_name: String,
}

/// The communes of the province and all provinces.
#[derive(Debug, Clone)]
pub struct Areas {
    communes: Vec<Commune>,
    provinces: Vec<Province>,
}

impl Areas {
    /// The lists shipped with the product.
    ///
    /// # Errors
    /// What is wrong with a file; a test keeps the shipped ones right.
    pub fn shipped() -> Result<Areas, DataProblem> {
        Areas::parse(COMMUNES, PROVINCES)
    }

    /// Reads both lists.
    ///
    /// # Errors
    /// Which line is wrong and what to do.
    pub fn parse(communes: &str, provinces: &str) -> Result<Areas, DataProblem> {
        let mut areas = Areas { communes: Vec::new(), provinces: Vec::new() };
        for (line, record) in records(COMMUNES_FILE, communes)? {
            let problem = |what: &str| DataProblem::new(COMMUNES_FILE, Some(line), what);
            let number = |at: usize| {
                record
                    .get(at)
                    .and_then(|text| text.parse::<f64>().ok())
                    .ok_or_else(|| problem("centre_lat and centre_lon are degrees, such as 13.0814"))
            };
            let full_name = field(&record, 3).ok_or_else(|| problem("full_name is missing"))?;
            areas.communes.push(Commune {
                code: field(&record, 0).ok_or_else(|| problem("code is missing"))?,
                folded: fold(&full_name),
                full_name,
                latitude: number(5)?,
                longitude: number(6)?,
            });
        }
        for (line, record) in records(PROVINCES_FILE, provinces)? {
            let problem = |what: &str| DataProblem::new(PROVINCES_FILE, Some(line), what);
            areas.provinces.push(Province {
                code: field(&record, 0).ok_or_else(|| problem("code is missing"))?,
                full_name: field(&record, 2).ok_or_else(|| problem("full_name is missing"))?,
            });
        }
        areas.communes.sort_by(|a, b| a.folded.cmp(&b.folded));
        Ok(areas)
    }

    /// The communes, in the order of their names without accents.
    pub fn communes(&self) -> &[Commune] {
        &self.communes
    }

    /// The provinces, as listed.
    pub fn provinces(&self) -> &[Province] {
        &self.provinces
    }

    /// The commune with this code.
    pub fn commune(&self, code: &str) -> Option<&Commune> {
        self.communes.iter().find(|commune| commune.code == code)
    }

    /// Communes whose name contains these words, accents left aside.
    pub fn find<'a>(&'a self, words: &str) -> impl Iterator<Item = &'a Commune> {
        let words = fold(words);
        self.communes.iter().filter(move |commune| commune.folded.contains(&words))
    }
}

fn records(file: &'static str, text: &str) -> Result<Vec<(usize, csv::StringRecord)>, DataProblem> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader
        .records()
        .enumerate()
        .map(|(index, record)| {
            let line = index + 2;
            record
                .map(|record| (line, record))
                .map_err(|error| DataProblem::new(file, Some(line), error.to_string()))
        })
        .collect()
}

fn field(record: &csv::StringRecord, at: usize) -> Option<String> {
    record.get(at).map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_province_has_its_102_communes_and_the_country_34_provinces() {
        let areas = Areas::shipped().unwrap();
        assert_eq!(areas.communes().len(), 102);
        assert_eq!(areas.provinces().len(), 34);
        assert_eq!(areas.commune("22015").unwrap().full_name, "Phường Tuy Hoà");
        assert!(areas.commune("0").is_none());
    }

    #[test]
    fn a_name_is_found_whatever_its_accents() {
        let areas = Areas::shipped().unwrap();
        for spelling in ["Tuy Hoà", "tuy hòa", "TUY HOA"] {
            assert_eq!(areas.find(spelling).next().unwrap().code, "22015", "{spelling}");
        }
    }

    #[test]
    fn a_broken_line_is_named() {
        let error = Areas::parse(
            "code,kind,name,full_name,code_name,centre_lat,centre_lon\n1,a,b,C,d,x,1\n",
            PROVINCES,
        );
        assert!(error.unwrap_err().to_string().contains(":2:"));
    }
}
