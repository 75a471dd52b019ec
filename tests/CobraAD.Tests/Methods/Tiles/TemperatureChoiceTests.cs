using CobraAD.Detection;
using CobraAD.Methods.Tiles;

namespace CobraAD.Tests.Methods.Tiles;

public sealed class TemperatureChoiceTests
{
    [Fact]
    public void The_raise_that_is_noticed_is_what_a_search_finds()
    {
        double[][] good = Draw(images: 6, places: 9);

        (_, IReadOnlyDictionary<string, double> raises) = TemperatureChoice.Of(good, falseAlarmRate: 0.3);

        foreach ((string text, double mean) in raises)
        {
            double temperature = double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
            double threshold = ScoreCalibration.From([.. good.Select(row => TemperatureChoice.SmoothMaximum(row, temperature))], 0.3, heldOut: true).Threshold;
            double expected = good.Average(row => Enumerable.Range(0, row.Length).Average(place => Search(row, place, temperature, threshold)));
            Assert.Equal(expected, mean, 1e-6);
        }
    }

    [Fact]
    public void Many_tiles_want_a_low_temperature()
    {
        (double many, _) = TemperatureChoice.Of(Draw(images: 10, places: 400), falseAlarmRate: 0.05);
        (double few, _) = TemperatureChoice.Of(Draw(images: 10, places: 2), falseAlarmRate: 0.05);

        Assert.True(many <= 1, $"{many}");
        Assert.True(many <= few, $"{many} of many tiles, {few} of few");
    }

    [Fact]
    public void A_smooth_maximum_lies_between_the_maximum_and_its_bound()
    {
        double[] values = [1, 2, 4, 3.9];

        Assert.InRange(TemperatureChoice.SmoothMaximum(values, 0.5), 4, 4 + 0.5 * Math.Log(4));
        Assert.Equal(4, TemperatureChoice.SmoothMaximum(values, 1e-3), 1e-9);
    }

    private static double Search(double[] row, int place, double temperature, double threshold)
    {
        double low = 0, high = 1000;
        if (Raised(0) >= threshold) return 0;
        for (int i = 0; i < 100; i++)
        {
            double middle = (low + high) / 2;
            if (Raised(middle) >= threshold) high = middle;
            else low = middle;
        }

        return high;

        double Raised(double by) => TemperatureChoice.SmoothMaximum([.. row.Select((value, i) => i == place ? value + by : value)], temperature);
    }

    private static double[][] Draw(int images, int places)
    {
        Random rng = new(2);
        return [.. Enumerable.Range(0, images).Select(_ => Enumerable.Range(0, places).Select(_ => Math.Sqrt(-2 * Math.Log(1 - rng.NextDouble())) * Math.Cos(2 * Math.PI * rng.NextDouble())).ToArray())];
    }
}
