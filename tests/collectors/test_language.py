"""Detecting languages."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from moneygood.collectors.language import detect, keep_languages
from moneygood.records import Document, Kind, Role, Section, Skip, Turn

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SENTENCES = {
    "de": [
        "Die Zinsen steigen weiter, sagt die Notenbank am Dienstag.",
        "Der Konzern will im nächsten Jahr mehr Geld für Rechenzentren ausgeben.",
        "Anleger fragen sich, ob die hohen Investitionen sich jemals auszahlen werden.",
        "Halden Cloud senkt die Prognose und streicht zweihundert Stellen.",
        "Am Anleihemarkt gaben die Renditen nach den Zahlen deutlich nach.",
        "Wir sehen keinen Grund, an der Nachfrage unserer Kunden zu zweifeln.",
    ],
    "fr": [
        "Les taux ont encore monté mardi après la décision de la banque centrale.",
        "Le groupe veut dépenser davantage pour ses centres de données l'an prochain.",
        "Les investisseurs se demandent si ces dépenses seront un jour rentables.",
        "Halden Cloud abaisse ses prévisions et supprime deux cents postes.",
        "Sur le marché obligataire, les rendements ont nettement reculé.",
        "Nous ne voyons aucune raison de douter de la demande de nos clients.",
    ],
    "es": [
        "Los tipos de interés volvieron a subir el martes, según el banco central.",
        "La empresa quiere gastar más dinero en centros de datos el próximo año.",
        "Los inversores se preguntan si estas inversiones serán rentables algún día.",
        "Halden Cloud rebaja sus previsiones y elimina doscientos puestos de trabajo.",
        "En el mercado de bonos los rendimientos cayeron con fuerza.",
        "No vemos ningún motivo para dudar de la demanda de nuestros clientes.",
    ],
    "it": [
        "I tassi sono saliti ancora martedì, ha detto la banca centrale.",
        "Il gruppo vuole spendere di più per i centri dati il prossimo anno.",
        "Gli investitori si chiedono se queste spese daranno mai un ritorno.",
        "Halden Cloud taglia le previsioni e duecento posti di lavoro.",
        "Sul mercato obbligazionario i rendimenti sono scesi in modo netto.",
        "Non vediamo alcun motivo per dubitare della domanda dei nostri clienti.",
    ],
    "pt": [
        "Os juros voltaram a subir na terça-feira, disse o banco central.",
        "A empresa quer gastar mais dinheiro em centros de dados no próximo ano.",
        "Os investidores perguntam se estes gastos vão algum dia dar retorno.",
        "A Halden Cloud reduz as previsões e corta duzentos postos de trabalho.",
        "No mercado de dívida, as taxas das obrigações caíram bastante.",
        "Não vemos nenhuma razão para duvidar da procura dos nossos clientes.",
    ],
    "nl": [
        "De rente is dinsdag opnieuw gestegen, zegt de centrale bank.",
        "Het bedrijf wil volgend jaar meer geld uitgeven aan datacentra.",
        "Beleggers vragen zich af of deze uitgaven ooit iets zullen opleveren.",
        "Halden Cloud verlaagt de verwachtingen en schrapt tweehonderd banen.",
        "Op de obligatiemarkt zijn de rendementen flink gedaald.",
        "Wij zien geen reden om aan de vraag van onze klanten te twijfelen.",
    ],
    "ja": [
        "中央銀行は火曜日に金利を引き上げると発表した。",
        "同社は来年、データセンターへの投資を増やす方針だ。",
        "投資家はこの支出が利益につながるかを疑っている。",
        "債券市場では利回りが大きく低下した。",
        "ハルデン・クラウドは業績予想を下方修正した。",
        "顧客の需要を疑う理由は見当たらない。",
    ],
    "zh": [
        "央行周二表示将再次上调利率。",
        "该公司计划明年在数据中心上投入更多资金。",
        "投资者怀疑这些支出能否带来回报。",
        "债券市场收益率大幅下降。",
        "Halden Cloud 下调业绩预期并裁员二百人。",
        "我們沒有理由懷疑客戶的需求。",
    ],
    "ko": [
        "중앙은행은 화요일에 금리를 다시 올렸다고 밝혔다.",
        "회사는 내년에 데이터 센터에 더 많은 돈을 쓸 계획이다.",
        "투자자들은 이 지출이 수익으로 이어질지 의심한다.",
        "채권 시장에서 수익률이 크게 떨어졌다.",
        "Halden Cloud는 실적 전망을 낮추고 직원 이백 명을 줄인다.",
        "우리는 고객의 수요를 의심할 이유가 없다.",
    ],
    "ru": [
        "Центральный банк во вторник снова повысил процентную ставку.",
        "Компания хочет потратить больше денег на центры обработки данных.",
        "Инвесторы сомневаются, что эти расходы когда-нибудь окупятся.",
        "На рынке облигаций доходность заметно снизилась.",
        "Halden Cloud снижает прогноз и сокращает двести рабочих мест.",
        "Мы не видим причин сомневаться в спросе наших клиентов.",
    ],
    "ar": [
        "رفع البنك المركزي أسعار الفائدة مرة أخرى يوم الثلاثاء.",
        "تريد الشركة إنفاق المزيد من المال على مراكز البيانات العام المقبل.",
        "يتساءل المستثمرون عما إذا كانت هذه النفقات ستحقق عائدا.",
        "انخفضت عوائد السندات بشكل واضح في السوق.",
        "خفضت شركة هالدن توقعاتها وألغت مئتي وظيفة.",
        "لا نرى أي سبب للشك في طلب عملائنا.",
    ],
}


def test_full_sentences_in_eleven_languages() -> None:
    wrong = [
        (language, found, sentence)
        for language, sentences in SENTENCES.items()
        for sentence in sentences
        if (found := detect(sentence)) != language
    ]
    total = sum(map(len, SENTENCES.values()))
    assert len(wrong) <= 0.05 * total, wrong
    # None is taken for English: it is found, or left open.
    assert not any(found == "en" for _, found, _ in wrong)


@pytest.mark.parametrize(
    "text",
    [
        "Halden Cloud plans four more data halls",
        "HALDEN CLOUD RAISES CAPITAL SPENDING AGAIN",
        "The central bank held rates steady and said that it would wait.",
        "Banco de Halden SA Sells 4,100 Shares of Trend Data, Inc. $TRND",
        "Société de la Vallée, Credito Alpino and Banca del Ponte Buy Trend Data",
        "Yields fell – “no surprise”, says Müller of Bank Österland",
        "Fed cuts rates",
        "$TRND trending",
        "",
        "1,234.5 (2.3%)",
        "https://ein.example/der-die-das-und-nicht-mit-von",
    ],
)
def test_english_and_too_little_text_are_never_called_foreign(text: str) -> None:
    assert detect(text) in ("", "en")


def test_long_english_text_is_english() -> None:
    text = "The halls will be full by spring, and our customers have signed for them. " * 30
    assert detect(text) == "en"
    assert detect(text + "中央銀行は火曜日に金利を引き上げる") == "en"


def test_others_are_counted_and_the_rest_marked() -> None:
    def document(body: str, language: str = "", turns: tuple[Turn, ...] = ()) -> Document:
        return Document(
            "desk", Kind.NEWS, "Halden", NOW, NOW, body=body, turns=turns, language=language
        )

    english = "The halls will be full by spring, and the customers have signed for them."
    spoken = (Turn("Ann", Role.OFFICIAL, Section.NONE, english),)
    documents = [
        document(english, "de"),
        document("", turns=spoken),
        document("Up 3%"),
        document("Up 3%", "fi"),
        document(SENTENCES["de"][1]),
        document(SENTENCES["de"][2]),
        document(SENTENCES["ja"][1]),
    ]
    kept, skips = keep_languages(documents, ("en",))
    assert [d.language for d in kept] == ["en", "en", ""]
    assert skips == (Skip("language de", 2), Skip("language fi"), Skip("language ja"))
    kept, skips = keep_languages(documents, ())
    assert len(kept) == len(documents)
    assert skips == ()


def test_real_english_headlines_are_not_called_foreign(shared: Path) -> None:
    files = sorted((shared / "news" / "headlines_2026").glob("*.json.gz"))[:40:8]
    titles = {
        item["title"]
        for file in files
        for item in json.loads(gzip.decompress(file.read_bytes()))["data"]
    }
    latin = [title for title in titles if all(c < "\u0250" or not c.isalpha() for c in title)]
    assert len(latin) >= 1000
    foreign = [title for title in latin if detect(title) not in ("", "en")]
    assert len(foreign) <= 0.001 * len(latin), foreign
