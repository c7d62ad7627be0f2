"""Everything on paper: controlled documents, certificates, receipts, plain sheets, forms and supplies."""
