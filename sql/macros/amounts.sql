-- How amounts are rounded and divided: half away from zero, to the currency's own
-- decimals. cents_per_unit says how many cents its smallest unit has: 1, or 100 where it
-- has no cents.

-- Currencies that are not known here have cents.
create or replace temp macro cents_per_unit_of(decimal_places) as
case when decimal_places = 0 then 100 else 1 end;

-- Whole units as an amount: 0.01 x whole cents is exact.
create or replace temp macro amount_of(units, cents_per_unit) as
((units * cents_per_unit)::decimal(18, 0) * 0.01::decimal(3, 2))::decimal(18, 2);

create or replace temp macro rounded(amount, cents_per_unit) as
case
    when cents_per_unit = 100 then round(amount, 0)::decimal(18, 2)
    else round(amount, 2)::decimal(18, 2)
end;

-- The same of an amount of at most six decimals. Up to 18 digits DuckDB rounds with
-- bigint, fifty times as fast as beyond.
create or replace temp macro rounded_as_sent(amount, cents_per_unit) as
case
    when cents_per_unit = 100 then round(amount, 0)::decimal(18, 2)
    when abs(amount) < 1000000000000
        then round(amount::decimal(18, 6), 2)::decimal(18, 2)
    else round(amount, 2)::decimal(18, 2)
end;

-- The same of whole cents: what a currency without cents was sent with all the same.
create or replace temp macro in_whole_units(amount, cents_per_unit) as
case
    when cents_per_unit = 100 then round(amount, 0)::decimal(18, 2)
    else amount
end;

-- What a line would cost without price discounts, of amounts as sent per unit: price +
-- discount; else the full price; else the line's gross price; else the price itself.
create or replace temp macro full_price_of(
    unit_price, discount, full_unit_price, gross_price, quantity
) as
case
    when discount is not null
        then (unit_price + discount)::decimal(19, 6) * quantity
    when full_unit_price >= unit_price then full_unit_price * quantity
    when gross_price > unit_price * quantity then gross_price
    else unit_price * quantity
end;

-- A part of a whole number of units by the largest remainder: rounded down, and one more
-- of what is left over for those in the first places. It has the sign of the whole.
create or replace temp macro cut_part(whole_units, floor_units, place, units_left) as
(floor_units + case when place <= units_left then 1 else 0 end)
* case when whole_units < 0 then -1 else 1 end;

-- A part of a whole, both amounts or counts; null where there is no whole.
create or replace temp macro ratio_of(part, whole) as
case when whole > 0 then part::double / whole::double end;

-- An amount that is not negative, divided by a number of things, null without any. In
-- whole units:
-- (2 x dividend + divisor) // (2 x divisor) rounds half away from zero.
create or replace temp macro average_amount(amount, thing_count, cents_per_unit) as
case
    when thing_count > 0
        then
            amount_of(
                (2 * (amount * 100)::hugeint + thing_count * cents_per_unit)
                // (2 * thing_count * cents_per_unit),
                cents_per_unit
            )
end;
