-- How an amount is converted: once, rounded half away from zero to the decimals of the
-- currency that it is converted into; null where no ratio is known.
-- DuckDB divides fifty times as fast in bigint as in wider numbers. So a ratio is taken
-- apart first: into whole millionths, what is over them in millionths of a millionth,
-- and the largest amount whose cents may be multiplied by them. A larger one is
-- converted as a decimal. What is less than a millionth of a cent never decides.
-- Example: 0.200000300000 is 200000, 300000 and 90 000 000 000.00.

create or replace temp macro ratio_millionths(ratio) as
case
    when ratio < 1000000 then (ratio * 1000000000000)::hugeint // 1000000
end::bigint;

create or replace temp macro ratio_rest(ratio) as
case
    when ratio < 1000000 then (ratio * 1000000000000)::hugeint % 1000000
end::bigint;

create or replace temp macro largest_amount(ratio) as
case
    when ratio < 1000000
        then 90000000000000000 // greatest((ratio * 1000000)::bigint + 1, 1000000)
end::decimal(18, 2);

create or replace temp macro converted(
    amount, ratio, millionths, rest, largest, cents_per_unit
) as
case
    when abs(amount) <= largest
        then
            amount_of(
                (
                    (amount * 100)::bigint * millionths
                    + (amount * 100)::bigint * rest // 1000000
                    + case when amount < 0 then -500000 else 500000 end
                    * cents_per_unit
                )
                // (1000000 * cents_per_unit),
                cents_per_unit
            )
    else rounded(amount * ratio::decimal(19, 12), cents_per_unit)
end;

-- An amount of at most six decimals, as sent; 0 needs no ratio. Nearly always the ratio
-- is 1, for which there is nothing to multiply.
create or replace temp macro converted_as_sent(amount, ratio, cents_per_unit) as
case
    when amount = 0 then 0::decimal(18, 2)
    when ratio = 1 then rounded_as_sent(amount, cents_per_unit)
    else rounded(amount * ratio, cents_per_unit)
end;
