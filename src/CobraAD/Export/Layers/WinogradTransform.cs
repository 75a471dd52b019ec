using CobraAD.Export.Graph;

namespace CobraAD.Export.Layers;

/// <summary>
/// The matrices of the minimal filtering algorithm F(m × m, 3 × 3): Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A for a kernel g, a tile d of m + 2 by
/// m + 2 inputs and m × m outputs Y. It multiplies (m + 2)² times where a convolution multiplies 9 m² times.
/// </summary>
/// <remarks>
/// A. Lavin and S. Gray, Fast Algorithms for Convolutional Neural Networks, CVPR 2016, section 4. Kernel and tile are polynomials whose
/// product is known by its values at the points 0, 1, -1 (and 2, -2 for m = 4) and infinity: one row of G and of Bᵀ, one column of Aᵀ each.
/// </remarks>
internal sealed class WinogradTransform
{
    private readonly float[,] output;
    private readonly float[,] kernel;
    private readonly float[,] input;

    private WinogradTransform(float[,] output, float[,] kernel, float[,] input)
    {
        this.output = output;
        this.kernel = kernel;
        this.input = input;
    }

    /// <summary>F(2 × 2, 3 × 3): 16 multiplications instead of 36.</summary>
    public static WinogradTransform Two { get; } = new(
        new float[,]
        {
            { 1, 1, 1, 0 },
            { 0, 1, -1, -1 },
        },
        new float[,]
        {
            { 1, 0, 0 },
            { 1 / 2f, 1 / 2f, 1 / 2f },
            { 1 / 2f, -1 / 2f, 1 / 2f },
            { 0, 0, 1 },
        },
        new float[,]
        {
            { 1, 0, -1, 0 },
            { 0, 1, 1, 0 },
            { 0, -1, 1, 0 },
            { 0, 1, 0, -1 },
        });

    /// <summary>F(4 × 4, 3 × 3): 36 multiplications instead of 144; rounds about five times coarser than <see cref="Two"/>.</summary>
    public static WinogradTransform Four { get; } = new(
        new float[,]
        {
            { 1, 1, 1, 1, 1, 0 },
            { 0, 1, -1, 2, -2, 0 },
            { 0, 1, 1, 4, 4, 0 },
            { 0, 1, -1, 8, -8, 1 },
        },
        new float[,]
        {
            { 1 / 4f, 0, 0 },
            { -1 / 6f, -1 / 6f, -1 / 6f },
            { -1 / 6f, 1 / 6f, -1 / 6f },
            { 1 / 24f, 1 / 12f, 1 / 6f },
            { 1 / 24f, -1 / 12f, 1 / 6f },
            { 0, 0, 1 },
        },
        new float[,]
        {
            { 4, 0, -5, 0, 1, 0 },
            { 0, -4, -4, 1, 1, 0 },
            { 0, 4, -4, -1, 1, 0 },
            { 0, -2, -1, 2, 1, 0 },
            { 0, 2, -1, -2, 1, 0 },
            { 0, 4, 0, -5, 0, 1 },
        });

    /// <summary>m: height and width of a tile of outputs.</summary>
    public int Outputs => output.GetLength(0);

    /// <summary>m + 2: height and width of a tile of inputs.</summary>
    public int Inputs => output.GetLength(1);

    /// <summary>
    /// Where a bias goes: (1, 1) among the (m + 2)² values of a tile, since Aᵀ's column of the point 1 holds ones, so that a number
    /// added there is added to every output.
    /// </summary>
    public int BiasPosition => Inputs + 1;

    /// <summary>Aᵀ in both directions, [m², (m + 2)²].</summary>
    public OnnxValue Output(OnnxGraph graph) => BothDirections(graph, output);

    /// <summary>G in both directions, [(m + 2)², 9].</summary>
    public OnnxValue Kernel(OnnxGraph graph) => BothDirections(graph, kernel);

    /// <summary>Bᵀ in both directions, [(m + 2)², (m + 2)²].</summary>
    public OnnxValue Input(OnnxGraph graph) => BothDirections(graph, input);

    /// <summary>M X Mᵀ for a flattened X is (M ⊗ M) X: one product with more numbers is faster in ONNX Runtime than two of such small matrices.</summary>
    private static OnnxValue BothDirections(OnnxGraph graph, float[,] matrix)
    {
        (int rows, int columns) = (matrix.GetLength(0), matrix.GetLength(1));
        float[] product = new float[rows * rows * columns * columns];
        for (int i = 0; i < rows * rows; i++)
            for (int j = 0; j < columns * columns; j++)
                product[i * columns * columns + j] = matrix[i / rows, j / columns] * matrix[i % rows, j % columns];
        return graph.Floats(product, [rows * rows, columns * columns]);
    }
}
