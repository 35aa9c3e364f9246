// Every page there is, by name and address, and who may see it.

export const publicPages = [
  ["sign in", "/login"],
  ["imprint", "/imprint"],
  ["privacy", "/privacy"],
  ["accessibility", "/accessibility"],
  ["unknown page", "/nowhere", 404],
  ["unknown link", "/link/nowhere", 404],
];

export const customersPages = [
  ["start", "/"],
  ["data", "/data"],
  ["contact person", "/contact"],
  ["contracts", "/contracts"],
  ["contract", "/contracts/1"],
  ["contract with bookings", "/contracts/4"],
  ["unknown contract", "/contracts/404", 404],
  ["invoices", "/invoices"],
  ["open invoices", "/invoices?filter=open"],
  ["overdue invoices", "/invoices?filter=overdue"],
  ["paid invoices", "/invoices?filter=paid"],
  ["cancelled invoices", "/invoices?filter=cancelled"],
  ["invoices of a year", "/invoices?year=2019"],
  ["year without invoices", "/invoices?year=2021"],
  ["search without result", "/invoices?number=RE404"],
  ["cancelled invoice", "/invoices/RE1000"],
  ["overdue invoice", "/invoices/RE1106"],
  ["paid invoice", "/invoices/RE1101"],
  ["invoice of forty lines", "/invoices/RE1112"],
  ["unknown invoice", "/invoices/RE404", 404],
  ["sign-ins", "/sessions"],
  ["imprint, signed in", "/imprint"],
  ["unknown page, signed in", "/nowhere", 404],
];

export const widths = [320, 360, 768, 1280];
