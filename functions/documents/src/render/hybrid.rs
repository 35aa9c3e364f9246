//! What makes a PDF with an attached invoice a ZUGFeRD hybrid: its XMP packet names the file and the profile. The
//! attachment itself is typst's; these words are what its exporter cannot say.

/// The attached file's name; Factur-X 1.0 allows no other.
pub(super) const FILE: &str = "factur-x.xml";

/// The four properties of Factur-X, and the schema that PDF/A wants for properties of somebody's own.
const SCHEMA: &str = concat!(
    r#"<rdf:li xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" "#,
    r#"xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#" rdf:parseType="Resource">"#,
    "<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>",
    "<pdfaSchema:namespaceURI>urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#</pdfaSchema:namespaceURI>",
    "<pdfaSchema:prefix>fx</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>",
);
const SCHEMA_END: &str = "</rdf:Seq></pdfaSchema:property></rdf:li>";
const PROPERTIES: [(&str, &str, &str); 4] = [
    ("DocumentType", "INVOICE", "INVOICE"),
    ("DocumentFileName", FILE, "name of the embedded XML invoice file"),
    ("Version", "1.0", "version of the Factur-X XML schema"),
    ("ConformanceLevel", "EN 16931", "conformance level of the embedded Factur-X data"),
];

/// Where a packet lists its own schemas; it has some, since PDF/UA's is no part of PDF/A.
const SCHEMAS: &str = "<pdfaExtension:schemas><rdf:Bag>";
const END: &str = "</rdf:RDF>";

/// The XMP packet of a PDF/A-3 that names the attached invoice; `None` for a packet of an unknown form.
pub(super) fn declared(packet: &str) -> Option<String> {
    let (before, rest) = packet.split_once(SCHEMAS)?;
    let (between, after) = rest.split_once(END)?;
    let mut schema = String::from(SCHEMA);
    let mut values = String::new();
    for (name, value, description) in PROPERTIES {
        schema += &format!(
            "<rdf:li rdf:parseType=\"Resource\"><pdfaProperty:name>{name}</pdfaProperty:name>\
             <pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category>\
             <pdfaProperty:description>{description}</pdfaProperty:description></rdf:li>"
        );
        values += &format!("<fx:{name}>{value}</fx:{name}>");
    }
    Some(format!(
        "{before}{SCHEMAS}{schema}{SCHEMA_END}{between}<rdf:Description rdf:about=\"\" \
         xmlns:fx=\"urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#\">{values}</rdf:Description>{END}{after}"
    ))
}
