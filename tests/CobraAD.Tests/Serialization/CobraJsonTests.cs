using System.Text.Json;
using CobraAD.Serialization;

namespace CobraAD.Tests.Serialization;

public class CobraJsonTests
{
    private sealed record Settings
    {
        public double LearningRate { get; init; } = 0.1;

        public StringComparison Comparison { get; init; } = StringComparison.Ordinal;

        public string Name { get; init; } = "a";
    }

    [Fact]
    public void Members_are_camel_case_and_enumerations_are_words() =>
        Assert.Equal("""{"learningRate":0.1,"comparison":"ordinalIgnoreCase","name":"Υ × 2"}""",
            CobraJson.ToNode(new Settings { Comparison = StringComparison.OrdinalIgnoreCase, Name = "Υ × 2" })!.ToJsonString(CobraJson.Options).Replace("\n", "").Replace("  ", "").Replace(": ", ":"));

    [Fact]
    public void What_a_file_leaves_out_keeps_its_default()
    {
        Settings settings = JsonSerializer.Deserialize<Settings>("""{ "learningRate": 0.5, /* a comment */ }""", CobraJson.Options)!;

        Assert.Equal(new Settings { LearningRate = 0.5 }, settings);
    }

    [Theory]
    [InlineData("""{"learningrate": 0.5}""", "learningrate")]
    [InlineData("""{"comparison": 4}""", "comparison")]
    [InlineData("""{"comparison": "sideways"}""", "comparison")]
    [InlineData("""{"name": null}""", "name")]
    [InlineData("""{"name": "a", "name": "b"}""", "name")]
    public void Mistakes_are_errors_that_name_the_member(string json, string member)
    {
        JsonException error = Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Settings>(json, CobraJson.Options));

        Assert.Contains(member, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("22 61 FF 22")]
    [InlineData("7B 22 61 C0 22 3A 31 7D")]
    [InlineData("22 5C 75 64 38 30 30 22")]
    [InlineData("7B 22 5C 75 64 63 30 30 22 3A 31 7D")]
    public void Text_that_is_no_Unicode_is_refused_when_it_is_parsed(string bytes) =>
        Assert.Contains("Unicode", Assert.Throws<JsonException>(() => CobraJson.Parse(Convert.FromHexString(bytes.Replace(" ", "")))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_byte_order_mark_is_no_part_of_the_text() => Assert.Equal(3, (int)CobraJson.Parse([0xEF, 0xBB, 0xBF, (byte)'3'])!);

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(0.1 + 0.2)]
    public void Every_number_survives(double value)
    {
        string json = JsonSerializer.Serialize(new Settings { LearningRate = value }, CobraJson.Options);

        Assert.Equal(value, JsonSerializer.Deserialize<Settings>(json, CobraJson.Options)!.LearningRate);
    }
}
