//! What the simulated device needs.

use super::item::Item;
use crate::difference::change::Subject;
use crate::ir::{
    Accept, After, Eeprom, Field, FieldPlace, Follow, Late, LinkShown, Lock, Model, ModelRing,
    Moment, Phy, PhyAccess, Refusal, Register, Require, Shown, Station, StatsBlock, Unobservable,
};
use crate::printer::{Printer, number};

pub(super) fn item(model: &Model, spell: Printer<'_>) -> Item {
    let Model {
        reset,
        self_clearing,
        follows,
        keeps,
        comes_up,
        set_by_reading,
        locks,
        kick_lost_on,
        tx,
        rx,
        rx_longest,
        accept,
        station,
        stats_block,
        eeprom,
        phy,
        require,
        late,
        links,
        refuse,
        unobservable,
    } = model;
    let ModelRing { enable: tx_enable } = tx;
    let ModelRing { enable: rx_enable } = rx;
    let mut item = Item::new(Subject::Model);
    let fields = |fields: &[FieldPlace]| {
        fields
            .iter()
            .map(|field| spell.field(field))
            .collect::<Vec<_>>()
    };
    item.each("reset", fields(reset));
    item.each("self_clearing", fields(self_clearing));
    for Follow { field, is } in follows {
        item.fact(format!("follows {}", spell.field(field)), spell.num(is));
    }
    item.each("keeps", keeps.iter().map(|register| register.name.clone()));
    for Shown { field, is } in comes_up {
        item.fact(format!("comes_up {}", spell.field(field)), number(*is));
    }
    item.each("set_by_reading", fields(set_by_reading));
    for Lock {
        unless,
        registers,
        section,
    } in locks
    {
        for register in registers {
            let condition = format!("unless {}", spell.cond(unless));
            item.fact(format!("locks {}", register.name), condition);
        }
        item.fact("locks.section", section);
    }
    let lost = spell.variants(kick_lost_on);
    item.fact_if("kick.lost_while_busy", (!lost.is_empty()).then_some(lost));
    item.each("tx.enable", fields(tx_enable));
    item.each("rx.enable", fields(rx_enable));
    item.fact_if(
        "rx.longest",
        rx_longest.as_ref().map(|longest| spell.num(longest)),
    );
    self::accept(&mut item, accept, spell);
    self::station(&mut item, station);
    if let Some(StatsBlock { low, high, start }) = stats_block {
        item.fact("stats_block.low", &low.name);
        item.fact("stats_block.high", &high.name);
        item.fact("stats_block.start", of(low, start));
    }
    if let Some(eeprom) = eeprom {
        self::eeprom(&mut item, eeprom);
    }
    if let Some(phy) = phy {
        self::phy(&mut item, phy);
    }
    for Require {
        value,
        at,
        only_on,
        section,
    } in require
    {
        let Shown { field, is } = value;
        let moment = match at {
            Moment::Ring => "",
            Moment::Reset => " at a reset",
            Moment::Write => " at a write",
        };
        item.fact(
            format!("require {}{moment}", spell.field(field)),
            match only_on.is_all() {
                true => number(*is),
                false => format!("{} on {}", number(*is), spell.variants(only_on)),
            },
        );
        item.fact("require.section", section);
    }
    for Late {
        field,
        after,
        before,
        section,
    } in late
    {
        let what = match after {
            After::Write => "a write",
            After::Clear => "it is cleared",
            After::Reset => "a reset",
        };
        let before = before.iter().map(|register| register.name.as_str());
        item.fact(
            format!("late after {what} {}", spell.field(field)),
            before.collect::<Vec<_>>().join(", "),
        );
        item.fact("late.section", section);
    }
    let shown = |shows: &[Shown]| {
        let shows = shows.iter();
        let shows = shows.map(|Shown { field, is }| format!("{} = {is}", spell.field(field)));
        shows.collect::<Vec<_>>().join(", ")
    };
    for LinkShown {
        mbps,
        full_duplex,
        shows,
    } in links
    {
        let duplex = if *full_duplex { "full" } else { "half" };
        item.fact(format!("link {mbps} {duplex} duplex"), shown(shows));
    }
    for Refusal {
        shows,
        only_on,
        section,
    } in refuse
    {
        item.fact(format!("refuse {}", shown(shows)), spell.variants(only_on));
        item.fact("refuse.section", section);
    }
    for Unobservable { facts, why } in unobservable {
        for fact in facts {
            item.fact(format!("unobservable {fact}"), why);
        }
    }
    item
}

fn accept(item: &mut Item, accept: &Accept, spell: Printer<'_>) {
    let Accept {
        broadcast,
        promiscuous,
        all_multicast,
        stations,
        table,
    } = accept;
    let kinds = [
        ("broadcast", Some(broadcast)),
        ("promiscuous", Some(promiscuous)),
        ("all_multicast", all_multicast.as_ref()),
        ("stations", stations.as_ref()),
        ("table", table.as_ref()),
    ];
    for (key, field) in kinds {
        item.fact_if(
            format!("accept.{key}"),
            field.map(|field| spell.field(field)),
        );
    }
}

fn station(item: &mut Item, station: &Station) {
    let Station { low, high, valid } = station;
    item.fact("station.low", &low.name);
    item.fact("station.high", &high.name);
    item.fact_if("station.valid", valid.as_ref().map(|valid| of(high, valid)));
}

fn eeprom(item: &mut Item, eeprom: &Eeprom) {
    let Eeprom {
        command,
        start,
        done,
        address,
        data,
        words,
    } = eeprom;
    item.fact("eeprom.command", &command.name);
    let fields = [
        ("start", start),
        ("done", done),
        ("address", address),
        ("data", data),
    ];
    for (key, field) in fields {
        item.fact(format!("eeprom.{key}"), of(command, field));
    }
    for (word, value) in words {
        item.fact(format!("eeprom word {word:#04x}"), format!("{value:#06x}"));
    }
}

fn phy(item: &mut Item, phy: &Phy) {
    let Phy {
        command,
        register,
        data,
        access,
        registers,
        ..
    } = phy;
    item.fact("phy.command", &command.name);
    item.fact("phy.register", of(command, register));
    item.fact("phy.data", of(command, data));
    match access {
        PhyAccess::Operation { op, ready } => {
            item.fact("phy.op", of(command, op));
            item.fact("phy.ready", of(command, ready));
        }
        PhyAccess::Flag(flag) => item.fact("phy.flag", of(command, flag)),
    }
    for (register, value) in registers {
        item.fact(format!("phy register {register}"), format!("{value:#06x}"));
    }
}

fn of(register: &Register, field: &Field) -> String {
    format!("{}.{}", register.name, field.name)
}
