using System.Runtime.CompilerServices;

namespace CobraAD.Validation;

/// <summary>The one check that every option of a transform goes through.</summary>
internal static class OptionCheck
{
    public static void Require(double value, double lowest, double highest, [CallerArgumentExpression(nameof(value))] string option = "")
    {
        // Written so that NaN fails.
        if (!(value >= lowest && value <= highest))
            throw new ArgumentOutOfRangeException(option, value, $"{option} must be between {lowest:R} and {highest:R}.");
    }
}
