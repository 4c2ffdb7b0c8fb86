-- What one window of one search promised and what landed: the certificate that nothing is missing.
-- Windows are cut by last update, half open, whole hours in UTC; a window read again is
-- a further row.
-- grain: one row per reading of one window of one pass over one seller
-- key: seller_id, pass, window_from, window_to, checked_at
-- stands: arrival is not null
-- reads: none
-- columns:
--   seller_id: seller whose orders were searched
--   pass: which search: `all`, or `cancelled` for the second one with order.status=cancelled
--   window_from: first instant of last update in the window, UTC
--   window_to: first instant after the window, UTC
--   checked_at: when the verdict was reached, UTC
--   closed_to: first hour that was not over, less the holdback, when the reading began, UTC; nothing from there on is vouched for
--   total_before: paging.total before the first page
--   total_after: paging.total after the last page
--   order_count: distinct orders landed; of Global Selling, whose search shows carts, distinct carts, as the totals count
--   inside_count: orders among them whose last update lies in the window
--   duplicate_count: rows that repeated an order already seen on the same walk through the pages
--   page_count: pages read
--   request_count: pages asked for, those that were refused included; what the client sent again after a failure counts in ops.runs alone
--   run_id: run that read it; the one whose reading is revoked
--   verdict: `complete`, `short`, `too_wide` or `failed`; `revoked` where a landed file with records of a window read before is lost, a clock that was ahead certified it, or a text was withheld that a newer version reads
--   reason: why it is not complete, in words; null when it is
create table ops.windows (
    seller_id bigint,
    pass varchar,
    window_from timestamptz,
    window_to timestamptz,
    checked_at timestamptz,
    closed_to timestamptz,
    total_before bigint,
    total_after bigint,
    order_count bigint,
    inside_count bigint,
    duplicate_count bigint,
    page_count bigint,
    request_count bigint,
    run_id varchar,
    verdict varchar,
    reason varchar
)
