using System.Runtime.Intrinsics;

namespace CobraAD.Methods.Cobra.Bank.Search;

/// <summary>Registers of 128 bits: any processor.</summary>
internal readonly unsafe struct Lanes128 : ILanes<Vector128<float>>
{
    public static int Count => Vector128<float>.Count;

    public static Vector128<float> Load(float* source) => Vector128.Load(source);

    public static Vector128<float> Load(short* source) => Vector128.ConvertToSingle(Vector128.WidenLower(Vector64.Load(source).ToVector128Unsafe()));

    public static void Store(Vector128<float> vector, float* target) => vector.Store(target);

    public static Vector128<float> Broadcast(float value) => Vector128.Create(value);

    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

    public static Vector128<float> Multiply(Vector128<float> a, Vector128<float> b) => a * b;

    public static Vector128<float> MultiplyAdd(Vector128<float> a, Vector128<float> b, Vector128<float> c) => Vector128.MultiplyAddEstimate(a, b, c);

    public static float Sum(Vector128<float> vector) => Vector128.Sum(vector);

    public static uint NotAtMost(Vector128<float> a, Vector128<float> b) => (uint)Vector128.ExtractMostSignificantBits(~Vector128.LessThanOrEqual(a, b));
}
