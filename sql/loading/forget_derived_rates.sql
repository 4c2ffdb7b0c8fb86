-- Ratios that were worked out go before they are worked out anew.
-- reads: none
-- writes: core.exchange_rates
delete from core.exchange_rates
where source not in ('mercado_libre', 'csv')
