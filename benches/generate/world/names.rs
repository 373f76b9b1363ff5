//! Names that people and organisations in the field have.

use mfactl::domain::ids::{Login, OrgId, Text};

/// Given names, with their spelling in a login.
pub const GIVEN: &[(&str, &str)] = &[
    ("Alice", "alice"),
    ("Amélie", "amelie"),
    ("Angharad", "angharad"),
    ("Aoife", "aoife"),
    ("Benjamin", "benjamin"),
    ("Chidi", "chidi"),
    ("Daniel", "daniel"),
    ("Dilys", "dilys"),
    ("Elżbieta", "elzbieta"),
    ("Fatima", "fatima"),
    ("George", "george"),
    ("Grace", "grace"),
    ("Hannah", "hannah"),
    ("Ibrahim", "ibrahim"),
    ("Ingrid", "ingrid"),
    ("James", "james"),
    ("José", "jose"),
    ("Katarzyna", "katarzyna"),
    ("Liam", "liam"),
    ("Margaret", "margaret"),
    ("Mei", "mei"),
    ("Mohammed", "mohammed"),
    ("Nia", "nia"),
    ("Olivia", "olivia"),
    ("Priya", "priya"),
    ("Rhys", "rhys"),
    ("Siân", "sian"),
    ("Thomas", "thomas"),
    ("Ümit", "umit"),
    ("Yusuf", "yusuf"),
];

/// Family names, with their spelling in a login.
pub const FAMILY: &[(&str, &str)] = &[
    ("Adeyemi", "adeyemi"),
    ("Ahmed", "ahmed"),
    ("Baker", "baker"),
    ("Begum", "begum"),
    ("Carter", "carter"),
    ("Davies", "davies"),
    ("Dubois", "dubois"),
    ("Evans", "evans"),
    ("Fernández", "fernandez"),
    ("Glyn-March", "glyn-march"),
    ("Hughes", "hughes"),
    ("Iqbal", "iqbal"),
    ("Jones", "jones"),
    ("Kowalska", "kowalska"),
    ("Lewis", "lewis"),
    ("McCarthy", "mccarthy"),
    ("Nguyen", "nguyen"),
    ("O'Brien", "o'brien"),
    ("Okafor", "okafor"),
    ("Patel", "patel"),
    ("Quigley", "quigley"),
    ("Rossi", "rossi"),
    ("Schäfer", "schaefer"),
    ("Singh", "singh"),
    ("Smith", "smith"),
    ("Taylor", "taylor"),
    ("Ünal", "unal"),
    ("Walker", "walker"),
    ("Williams", "williams"),
    ("Zhang", "zhang"),
];

/// Where organisations are.
pub const PLACES: &[(&str, &str)] = &[
    ("Ashdown", "ashdown"),
    ("Barrow Vale", "barrow-vale"),
    ("Caer Wen", "caer-wen"),
    ("Dunmore", "dunmore"),
    ("Eastmarsh", "eastmarsh"),
    ("Fenwick", "fenwick"),
    ("Greycliff", "greycliff"),
    ("Hollinbrook", "hollinbrook"),
    ("Inverdale", "inverdale"),
    ("Kelsey", "kelsey"),
    ("Langmoor", "langmoor"),
    ("Merrow", "merrow"),
    ("Northwell", "northwell"),
    ("Oakhanger", "oakhanger"),
    ("Penrith Bay", "penrith-bay"),
    ("Quarry Hill", "quarry-hill"),
    ("Ravensworth", "ravensworth"),
    ("Stanmere", "stanmere"),
    ("Thornbury", "thornbury"),
    ("Westhaven", "westhaven"),
];

/// What organisations are.
pub const KINDS: &[(&str, &str)] = &[
    ("Teaching Hospitals", "hospitals"),
    ("Community Trust", "community"),
    ("Ambulance Service", "ambulance"),
    ("Mental Health Trust", "mental-health"),
    ("General Practices", "practices"),
    ("Pharmacies", "pharmacies"),
    ("Dental Group", "dental"),
    ("Hospice", "hospice"),
    ("Laboratories", "laboratories"),
    ("Care Board", "board"),
];

/// A text that is one.
pub fn text(words: &str) -> Text {
    Text::parse(words).expect("these words are plain")
}

/// A login that is one.
pub fn login(words: &str) -> Login {
    Login::parse(words).expect("these names are spelled for logins")
}

/// The id of an org that is one.
pub fn org(words: &str) -> OrgId {
    OrgId::parse(words).expect("these names are spelled for ids")
}
